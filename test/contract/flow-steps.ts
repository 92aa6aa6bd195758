import { expect } from 'vitest';
import { type ApiClient, apiClient, send } from '#test/helpers/api-client';
import { eventually } from '#test/helpers/eventually';
import type { Template, TestMachine } from '#test/helpers/machine';

/** A way through the product that needs permissions. */
export type Flow = {
  /** Makes the data directory that the flow starts from. */
  readonly before: () => Promise<string>;
  /** What else is different about the machine. */
  readonly change?: (template: Template) => void;
  /** @throws Error when it does not go through */
  readonly go: (machine: TestMachine, isDenied: () => boolean) => Promise<void>;
};

/** Signs somebody in at a machine. */
export async function client({ url }: TestMachine, as = {}): Promise<ApiClient> {
  const { body } = await send(`${url}/local/token`, 'POST', { user: 'alice', ...as });
  return apiClient(url, body.access_token);
}

/** @throws Error when one of the answers is not what was asked for */
export async function expectOk(...replies: ReturnType<ApiClient['get']>[]): Promise<void> {
  for (const { status, body } of await Promise.all(replies)) {
    expect([200, 204], JSON.stringify(body)).toContain(status);
  }
}

/** Time in which a flow could still get over a denial. */
const SECOND_CHANCE_MS = 500;

/** Asks until there is an answer, but not for ever when a call has been denied. */
export function unlessDenied<Result>(
  ask: () => Promise<Result | undefined>,
  isDenied: () => boolean,
): Promise<Result> {
  let giveUpAt = Number.POSITIVE_INFINITY;
  return eventually(async () => {
    const answer = await ask();
    if (answer !== undefined) return { answer };
    if (isDenied()) giveUpAt = Math.min(giveUpAt, Date.now() + SECOND_CHANCE_MS);
    if (Date.now() > giveUpAt) return { answer: undefined };
    throw new Error('Nothing yet');
  }, 30).then(({ answer }) => {
    if (answer === undefined) throw new Error('A denied call has stopped the flow');
    return answer;
  });
}

/** The id of an agent's first run, or of the first of all; waits until there is one. */
export function firstRunOf(
  api: ApiClient,
  agentId: string | undefined,
  isDenied: () => boolean,
): Promise<string> {
  const path = agentId === undefined ? '/api/agents/runs' : `/api/agents/${agentId}/runs`;
  return unlessDenied(async () => (await api.get(path)).body.items[0]?.id, isDenied);
}

/** Waits until a user's runs hold all the slots that there are. */
export async function slotsAreTaken(api: ApiClient): Promise<void> {
  await eventually(async () => {
    const { running, limit } = (await api.get('/api/usage')).body.concurrency;
    expect(running).toBe(limit);
  });
}

/** Waits until a run waits for a slot. */
export async function isInLine(
  api: ApiClient,
  runId: string,
  isDenied: () => boolean,
): Promise<void> {
  await unlessDenied(async () => {
    const { body } = await api.get(`/api/agents/runs/${runId}`);
    return body.waiting_for?.kind === 'slot' ? body : undefined;
  }, isDenied);
}

/** Waits for a run to end well. */
export async function succeeds(
  api: ApiClient,
  runId: string,
  isDenied: () => boolean,
): Promise<void> {
  const run = await over(api, runId, isDenied);
  if (run.status !== 'success') throw new Error(`The run ended as ${run.status}`);
}

/** Waits for a run to be over. */
export function over(api: ApiClient, runId: string, isDenied: () => boolean) {
  return unlessDenied(async () => {
    const { status, body } = await api.get(`/api/agents/runs/${runId}`);
    if (status !== 200) return { status: `unreadable (${status})` };
    return body.finished_at === null ? undefined : body;
  }, isDenied);
}
