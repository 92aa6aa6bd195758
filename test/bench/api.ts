import { request } from 'undici';
import type { Product } from '#test/bench/product';
import { RECEIVER_HOSTS } from '#test/bench/receiver-hosts';

/** Kinds of agents that are measured, with the number of their HTTP steps. */
export const KINDS = { one: 1, three: 3 } as const;
export type Kind = keyof typeof KINDS;

/** An agent with a webhook. */
export type Target = {
  readonly agentId: string;
  /** Number of its HTTP steps. */
  readonly steps: number;
  /** Where they stand. */
  readonly paths: readonly string[];
  readonly webhookUrl: string;
  readonly secret: string;
};

/** The product's API as one user. */
export type Api = {
  /** Creates an agent whose steps call the receiver one after the other, each with what the one before got. */
  createAgent(steps: number, receiverPort: number): Promise<Target>;
  /** Creates one that calls it, asks somebody by e-mail, and calls it again. */
  createApproval(receiverPort: number): Promise<Target>;
  /** Number of an agent's stored runs by status. */
  runsByStatus(agentId: string): Promise<Record<string, number>>;
};

const PAGE = 100;
const APPROVER = 'approver@example.com';
/** Webhooks a minute: what is measured is the speed, not the limit. */
const HIGHEST_RATE = 60_000;

/** Signs in. Limits are counted for each user by itself. */
export async function openApi({ url }: Pick<Product, 'url'>, user = 'bench'): Promise<Api> {
  const signedIn = await call('POST', `${url}/local/token`, { body: { user } });
  const token = String(signedIn['access_token']);
  const create = async (
    name: string,
    actions: readonly { readonly type: string; readonly config?: unknown }[],
  ) => {
    const agent = await call('POST', `${url}/api/agents`, { token, body: agentOf(name, actions) });
    const paths = actions.flatMap(({ type }, index) => (type === 'http' ? [String(index)] : []));
    return {
      agentId: String(agent['id']),
      steps: paths.length,
      paths,
      webhookUrl: String(agent['webhook_url']),
      secret: String((agent['trigger_config'] as Record<string, unknown>)['secret']),
    };
  };
  return {
    createAgent: (steps, port) => create(`Bench ${steps}`, callsOf(steps, port)),
    async createApproval(port) {
      const [first, second] = callsOf(2, port);
      if (!first || !second) throw new Error('There are two calls.');
      const config = { message: 'Go on?', approvers: [APPROVER] };
      return create('Bench approval', [first, { type: 'approval', config }, second]);
    },
    async runsByStatus(agentId) {
      const counts: Record<string, number> = {};
      let cursor: unknown;
      do {
        const next = typeof cursor === 'string' ? `&cursor=${encodeURIComponent(cursor)}` : '';
        const address = `${url}/api/agents/${agentId}/runs?limit=${PAGE}${next}`;
        const page = await call('GET', address, { token });
        for (const { status } of page['items'] as { status: string }[]) {
          counts[status] = (counts[status] ?? 0) + 1;
        }
        cursor = page['next_cursor'];
      } while (typeof cursor === 'string');
      return counts;
    },
  };
}

/** Sends JSON, and gives the JSON of the answer. @throws Error with the answer when it is an error. */
export async function call(
  method: 'GET' | 'POST' | 'DELETE',
  address: string,
  {
    token,
    body,
    headers,
  }: {
    readonly token?: string;
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<Record<string, unknown>> {
  const response = await request(address, {
    method,
    headers: {
      ...headers,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.body.text();
  if (response.statusCode >= 300) {
    throw new Error(`${method} ${address} answered ${response.statusCode}: ${text}`);
  }
  return JSON.parse(text || '{}') as Record<string, unknown>;
}

function agentOf(name: string, actions: readonly object[]): unknown {
  return {
    name,
    trigger_config: { type: 'webhook' },
    settings: { webhook_rate_per_minute: HIGHEST_RATE },
    actions,
  };
}

/** Steps that call the receiver, each with what the one before got. */
function callsOf(steps: number, receiverPort: number) {
  return Array.from({ length: steps }, (_, index) => ({
    id: `call_${index}`,
    type: 'http',
    config: {
      method: 'POST',
      url: `http://${RECEIVER_HOSTS[index % 2]}:${receiverPort}/${index}`,
      body: {
        lead: '{{trigger.body.email}}',
        before: index === 0 ? null : `{{steps.call_${index - 1}.output.json.n}}`,
      },
    },
  }));
}
