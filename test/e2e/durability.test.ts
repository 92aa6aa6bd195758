import { expect, it } from 'vitest';
import { type ApiClient, send } from '#test/helpers/api-client';
import { temporaryDirectory } from '#test/helpers/directories';
import { type Product, startProduct } from '#test/helpers/product';
import { type Received, type Receiver, startReceiver } from '#test/helpers/receiver';

const SECRET = 'a-secret-of-sixteen';
const WEBHOOKS = 200;
const CALLERS = 10;
const KILL_AFTER = 120;

/** An agent that sends what came in on to the receiver's paths, one step a path. */
function agent(receiver: Receiver, ...paths: string[]) {
  return {
    name: 'Durable',
    trigger_config: { type: 'webhook', secret: SECRET },
    settings: { webhook_rate_per_minute: 60_000 },
    actions: paths.map((path) => ({
      type: 'http',
      config: { method: 'POST', url: `${receiver.url}${path}`, body: { n: '{{trigger.body.n}}' } },
    })),
  };
}

/** @returns the run's id, or nothing when the call was not acknowledged */
async function call(webhookUrl: string, n: number): Promise<string | undefined> {
  try {
    const headers = { 'x-webhook-secret': SECRET };
    const { status, body } = await send(webhookUrl, 'POST', { n }, { headers });
    return status === 202 ? body.run_id : undefined;
  } catch {
    return undefined; // The connection broke: nobody promised anything.
  }
}

async function allRuns(api: ApiClient, agentId: string): Promise<{ id: string }[]> {
  const runs: { id: string }[] = [];
  let cursor = '';
  do {
    const { body } = await api.get(`/api/agents/${agentId}/runs?limit=100${cursor}`);
    runs.push(...body.items);
    cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`;
  } while (cursor !== '');
  return runs;
}

function byNumber(requests: readonly Received[]): Map<number, Received[]> {
  return Map.groupBy(requests, (request) => request.json.n);
}

/** As many callers at once, each calling until the product dies or all is sent. */
async function flood(
  product: Product,
  webhookUrl: string,
  onAcknowledged: (count: number) => void,
) {
  const acknowledged = new Map<number, string>();
  let next = 0;
  const caller = async () => {
    while (next < WEBHOOKS) {
      const n = next;
      next += 1;
      const runId = await call(webhookUrl, n);
      if (runId === undefined) continue;
      acknowledged.set(n, runId);
      onAcknowledged(acknowledged.size);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  expect(product.output()).not.toContain('! ');
  return acknowledged;
}

it('kill -9 during 200 webhooks: each acknowledged one has exactly one run, which finishes', async () => {
  const receiver = await startReceiver();
  const options = { dataDir: temporaryDirectory(), receivers: [receiver] };
  const first = await startProduct(options);
  const { id, webhook_url } = await (await first.api('alice')).create(agent(receiver, '/effect'));

  let killed: Promise<void> | undefined;
  const acknowledged = await flood(first, webhook_url, (count) => {
    if (count >= KILL_AFTER) killed ??= first.kill();
  });
  await killed;
  expect(acknowledged.size).toBeGreaterThanOrEqual(KILL_AFTER);
  expect(acknowledged.size).toBeLessThan(WEBHOOKS);

  const second = await startProduct({ ...options, port: first.port });
  const alice = await second.api('alice');
  const finished = new Map<number, string[]>();
  for (const { id: runId } of await allRuns(alice, id)) {
    const run = await alice.finished(runId, 30);
    expect(run, JSON.stringify(run)).toMatchObject({
      status: 'success',
      steps: [{ status: 'success' }],
    });
    finished.set(run.trigger.body.n, [...(finished.get(run.trigger.body.n) ?? []), runId]);
  }

  for (const [n, runId] of acknowledged) expect(finished.get(n)).toEqual([runId]);
  const effects = byNumber(receiver.requests);
  for (const [n, runIds] of finished) {
    // Twice only if the process died between the call and its record; the receiver can tell by the key.
    expect(runIds).toHaveLength(1);
    const keys = new Set(effects.get(n)?.map(({ headers }) => headers['idempotency-key']));
    expect([...keys]).toEqual([`${runIds[0]}:0`]);
  }
  const repeated = [...effects.values()].filter((requests) => requests.length > 1).length;
  console.log(
    `kill -9 after ${acknowledged.size} acknowledged: ${finished.size} runs, ${repeated} effects repeated`,
  );
});

it('kill -9 during a step: the run goes on from there after the start', async () => {
  const receiver = await startReceiver();
  const options = { dataDir: temporaryDirectory(), receivers: [receiver] };
  const first = await startProduct(options);
  const { webhook_url } = await (await first.api('alice')).create(
    agent(receiver, '/before', '/during', '/after'),
  );
  receiver.answer(({ path }) => (path === '/during' ? new Promise(() => {}) : {}));

  const runId = await call(webhook_url, 1);
  await receiver.got('/during');
  await first.kill();
  receiver.answer(() => ({}));
  const second = await startProduct({ ...options, port: first.port });
  const run = await (await second.api('alice')).finished(String(runId), 30);

  expect(run).toMatchObject({
    status: 'success',
    steps: [{ status: 'success' }, { status: 'success' }, { status: 'success' }],
  });
  const calls = receiver.requests.map(({ path, headers }) => [path, headers['idempotency-key']]);
  expect(calls).toEqual([
    ['/before', `${runId}:0`],
    ['/during', `${runId}:1`],
    ['/during', `${runId}:1`],
    ['/after', `${runId}:2`],
  ]);
  const log = await (await second.api('alice')).get(`/api/agents/runs/${runId}/logs`);
  expect(log.body.items.at(-1).message).toBe('Run succeeded.');
});

it('Ctrl-C during a step: what runs may end, and what cannot goes on after the start', async () => {
  const receiver = await startReceiver();
  const options = { dataDir: temporaryDirectory(), receivers: [receiver] };
  const first = await startProduct(options);
  const { webhook_url } = await (await first.api('alice')).create(agent(receiver, '/quick'));
  let answer = () => {};
  receiver.answer(() => new Promise((resolve) => (answer = () => resolve({}))));

  const runId = await call(webhook_url, 1);
  await receiver.got('/quick');
  const stopped = first.stop();
  answer();

  expect(await stopped).toBe(0);
  const second = await startProduct({ ...options, port: first.port });
  const run = await (await second.api('alice')).finished(String(runId), 30);
  expect(run.status).toBe('success');
  expect(receiver.requests).toHaveLength(1);
});
