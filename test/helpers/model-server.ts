import { type Received, startReceiver } from '#test/helpers/receiver';

/** A question as OpenAI's protocol carries it. */
export type Asked = { readonly system: string; readonly user: string; readonly request: Received };

/** A server that speaks OpenAI's protocol. */
export type ModelServer = {
  readonly baseUrl: string;
  readonly port: number;
  readonly asked: readonly Asked[];
  /** Says what the model answers from now on. */
  answer(how: (asked: Asked) => string | Cut | Refusal | Promise<never>): void;
};

/** A text that ends at the limit. */
type Cut = { readonly cut: string };

/** A status that is not 200. */
type Refusal = {
  readonly status: number;
  readonly headers?: Record<string, string>;
  /** The provider's own word for it. */
  readonly code?: string;
  readonly message?: string;
};

/** Tokens that it says a text has: a number that a test can compute. */
export function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Starts a model on a loopback port; it ends with the test file. */
export async function startModelServer(): Promise<ModelServer> {
  const receiver = await startReceiver();
  const asked: Asked[] = [];
  let respond: Parameters<ModelServer['answer']>[0] = () => 'Hello.';
  receiver.answer(async (request) => {
    if (request.path !== '/v1/chat/completions')
      return { status: 404, body: { error: { message: 'no' } } };
    const partOf = (role: string) =>
      request.json.messages
        .filter((one: { role: string }) => one.role === role)
        .map(({ content }: { content: string | { text: string }[] }) =>
          typeof content === 'string' ? content : content.map(({ text }) => text).join(''),
        )
        .join('\n');
    const question = { system: partOf('system'), user: partOf('user'), request };
    asked.push(question);
    const said = await respond(question);
    if (typeof said === 'object' && 'status' in said) {
      const { code = null, message = 'refused', ...answer } = said;
      return { ...answer, body: { error: { message, code } } };
    }
    const isCut = typeof said === 'object';
    const content = isCut ? said.cut : said;
    return {
      body: {
        id: 'chatcmpl-1',
        object: 'chat.completion',
        created: 1,
        model: request.json.model,
        choices: [
          {
            index: 0,
            message: { role: 'assistant', content },
            finish_reason: isCut ? 'length' : 'stop',
          },
        ],
        usage: {
          prompt_tokens: tokensOf(question.system + question.user),
          completion_tokens: tokensOf(content),
          total_tokens: 0,
        },
      },
    };
  });
  return {
    baseUrl: `${receiver.url}/v1`,
    port: receiver.port,
    asked,
    answer(how) {
      respond = how;
    },
  };
}
