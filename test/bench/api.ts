import { request } from 'undici';
import type { Product } from '#test/bench/product';

/** Kinds of agents that are measured, with the number of their HTTP steps. */
export const KINDS = { one: 1, three: 3 } as const;
export type Kind = keyof typeof KINDS;

/** An agent with a webhook. */
export type Target = {
  readonly agentId: string;
  readonly steps: number;
  readonly webhookUrl: string;
  readonly secret: string;
};

/** The product's API as one user. */
export type Api = {
  /** Creates an agent whose steps call the receiver one after the other, each with what the one before got. */
  createAgent(steps: number, receiverPort: number): Promise<Target>;
  /** Number of an agent's stored runs by status. */
  runsByStatus(agentId: string): Promise<Record<string, number>>;
};

const PAGE = 100;
/** Webhooks a minute: what is measured is the speed, not the limit. */
const HIGHEST_RATE = 60_000;

/** Signs in. */
export async function openApi(product: Pick<Product, 'url'>): Promise<Api> {
  const { url } = product;
  const signedIn = await call('POST', `${url}/local/token`, { body: { user: 'bench' } });
  const token = String(signedIn['access_token']);
  return {
    async createAgent(steps, receiverPort) {
      const body = agentOf(steps, `http://127.0.0.1:${receiverPort}`);
      const agent = await call('POST', `${url}/api/agents`, { token, body });
      return {
        agentId: String(agent['id']),
        steps,
        webhookUrl: String(agent['webhook_url']),
        secret: String((agent['trigger_config'] as Record<string, unknown>)['secret']),
      };
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
  method: 'GET' | 'POST',
  address: string,
  { token, body }: { readonly token?: string; readonly body?: unknown } = {},
): Promise<Record<string, unknown>> {
  const response = await request(address, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.body.text();
  if (response.statusCode >= 300) {
    throw new Error(`${method} ${address} answered ${response.statusCode}: ${text}`);
  }
  return JSON.parse(text) as Record<string, unknown>;
}

function agentOf(steps: number, receiver: string): unknown {
  return {
    name: `Bench ${steps}`,
    trigger_config: { type: 'webhook' },
    settings: { webhook_rate_per_minute: HIGHEST_RATE },
    actions: Array.from({ length: steps }, (_, index) => ({
      id: `call_${index}`,
      type: 'http',
      config: {
        method: 'POST',
        url: `${receiver}/${index}`,
        body: {
          lead: '{{trigger.body.email}}',
          before: index === 0 ? null : `{{steps.call_${index - 1}.output.json.n}}`,
        },
      },
    })),
  };
}
