import { carriedFetch } from '#adapters/aws-clients';
import { log } from '#adapters/logger';
import { type Dialect, dialectAfter, rememberedDialects, spoken } from '#adapters/model-dialects';
import { denialIn, filtered, modelFailure } from '#adapters/model-failures';
import type { Http } from '#core/http';
import { DEAREST, FREE, listPrice } from '#core/models/model-prices';
import type { Model, ModelAnswer, ModelRequest, Models } from '#core/models/models';

/** The deployment's own model, as its parameters name it; empty where it has none. */
export type OwnModel = {
  /** Of Amazon Bedrock, which comes first. */
  readonly bedrockId: string;
  /** The inference profile through which it is asked. */
  readonly bedrockProfile: string;
  /** Of an endpoint that speaks OpenAI's protocol. */
  readonly url: string;
  readonly name: string;
};

const BEDROCK = 'Amazon Bedrock';

type LanguageModel = Parameters<typeof import('ai')['generateText']>[0]['model'];

const dialects = rememberedDialects();

/**
 * Language models by the AI SDK, which is loaded when one is first asked.
 *
 * @param own way out to the deployment's own endpoint, which its operator chose
 */
export function aiModels(own: OwnModel, ownHttp: Http): Models {
  return { own: ownModel(own, ownHttp), at: (endpoint) => openAiCompatible(endpoint) };
}

function ownModel(own: OwnModel, http: Http): Model | undefined {
  if (own.bedrockId !== '') return bedrock(own.bedrockId, own.bedrockProfile || own.bedrockId);
  if (own.url === '') return undefined;
  const price = listPrice(own.name) ?? FREE;
  return openAiCompatible({ baseUrl: own.url, model: own.name, price, http });
}

function bedrock(name: string, askedAs: string): Model {
  return modelOf(name, listPrice(name) ?? DEAREST, BEDROCK, async () => {
    const { createAmazonBedrock } = await import('@ai-sdk/amazon-bedrock');
    const carried = carriedFetch();
    // On AWS region and credentials are in the function's environment.
    const provider = createAmazonBedrock(
      carried ? { fetch: carried, accessKeyId: 'carried', secretAccessKey: 'carried' } : {},
    );
    return provider(askedAs);
  });
}

function openAiCompatible({ baseUrl, model, price, http }: Parameters<Models['at']>[0]): Model {
  const counted = price ?? listPrice(model) ?? DEAREST;
  return modelOf(model, counted, new URL(baseUrl).host, async (dialect) => {
    const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
    const provider = createOpenAICompatible({
      name: 'openai-compatible',
      baseURL: baseUrl.replace(/\/+$/, ''),
      fetch: fetchThrough(http),
      transformRequestBody: (body) => spoken(body, dialect),
    });
    return provider(model);
  });
}

/** A model that is made when it is asked. */
function modelOf(
  name: string,
  price: Model['price'],
  host: string,
  make: (dialect: Dialect) => Promise<LanguageModel>,
): Model {
  return {
    name,
    price,
    async ask(request) {
      for (let dialect = dialects.of(host, name); ; ) {
        try {
          return await answerOf(await make(dialect), dialect, { host, name }, request);
        } catch (error) {
          if (request.signal.aborted) throw request.signal.reason;
          const other = dialectAfter(error, dialect);
          if (other === undefined) throw told(error, host, name);
          dialects.remember(host, name, other);
          dialect = other;
        }
      }
    },
  };
}

async function answerOf(
  model: LanguageModel,
  { steady }: Dialect,
  { host, name }: { readonly host: string; readonly name: string },
  { system, prompt, maxOutputTokens, signal }: ModelRequest,
): Promise<ModelAnswer> {
  const { generateText } = await import('ai');
  const { text, usage, finishReason } = await generateText({
    model,
    instructions: system,
    prompt,
    maxOutputTokens,
    ...(steady && { temperature: 0 }),
    abortSignal: signal,
    // The engine tries again, with longer waits than this would.
    maxRetries: 0,
  });
  if (text === '' && finishReason === 'content-filter') throw filtered(host, name);
  return {
    text,
    isCut: finishReason === 'length',
    inputTokens: counted(usage.inputTokens) ?? tokensIn(system + prompt),
    outputTokens: counted(usage.outputTokens) ?? tokensIn(text),
  };
}

/** The SDK's own error holds the request and the answer: keys, prompts, people's data. */
function told(error: unknown, host: string, model: string): unknown {
  const failure = modelFailure(error, host, model);
  const denial = host === BEDROCK ? denialIn(error) : undefined;
  log.warn('model did not answer', { model, failure, denial });
  return failure;
}

/** What a server says is no more than its word: less than nothing would widen the budget. */
function counted(tokens: number | undefined): number | undefined {
  return tokens !== undefined && Number.isInteger(tokens) && tokens >= 0 ? tokens : undefined;
}

/** Not every server says what it used. */
function tokensIn(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3);
}

/** The SDK asks by `fetch`; every request goes out through the guard. */
function fetchThrough(http: Http): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const request = new Request(input, init);
    const response = await http.send(
      {
        method: request.method,
        url: request.url,
        headers: Object.fromEntries(request.headers),
        body: new Uint8Array(await request.arrayBuffer()),
      },
      { signal: request.signal },
    );
    const { status, headers, body } = response;
    return new Response(Uint8Array.from(body), { status, headers: { ...headers } });
  };
}
