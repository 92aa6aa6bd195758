import { deflateRawSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '#test/helpers/directories';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

type Counters = { calls: Record<string, Record<string, { requests: number }>> };

const CALLS = 1_000;
const AT_ONCE = 20;

const receiver = await startReceiver();
const product = await startProduct({
  dataDir: temporaryDirectory(),
  receivers: [receiver],
  env: { COUNT_OPERATIONS: '1' },
});
const alice = await product.api('alice');

/** How often each AWS operation was called, counted once the counters stand still. */
async function operations(): Promise<Record<string, number>> {
  let last = '';
  for (;;) {
    const counters = (await (await fetch(`${product.url}/local/operations`)).json()) as Counters;
    const flat: Record<string, number> = {};
    for (const [service, calls] of Object.entries(counters.calls)) {
      for (const [name, { requests }] of Object.entries(calls)) {
        flat[`${service}.${name}`] = requests;
      }
    }
    const { 'dynamodb.Query': _, ...told } = flat;
    if (JSON.stringify(told) === last) return flat;
    last = JSON.stringify(told);
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
}

it('of calls that prove nothing costs no message, and next to no write', async () => {
  const agent = await alice.create({
    name: 'Flooded',
    trigger_config: { type: 'webhook' },
    actions: [{ type: 'http', config: { method: 'GET', url: `${receiver.url}/` } }],
  });
  const before = await operations();

  const statuses = new Map<number, number>();
  const callers = Array.from({ length: AT_ONCE }, async () => {
    for (let call = 0; call < CALLS / AT_ONCE; call += 1) {
      const { status } = await fetch(agent.webhook_url, {
        method: 'POST',
        headers: { 'x-webhook-secret': 'guess', 'content-type': 'application/json' },
        body: '{"a":1}',
      });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  });
  await Promise.all(callers);

  expect(Object.fromEntries(statuses)).toEqual({ 401: CALLS });
  const after = await operations();
  const grown = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
  expect(grown('sqs.SendMessage')).toBe(0);
  const writes = ['PutItem', 'UpdateItem', 'TransactWriteItems', 'DeleteItem'];
  const written = writes.reduce((sum, name) => sum + grown(`dynamodb.${name}`), 0);
  expect(written).toBeLessThan(CALLS / 20);
  expect((await alice.get(`/api/agents/${agent.id}/runs`)).body.items).toEqual([]);
});

it('an archive that a server answers with is kept as it is, and never expanded', async () => {
  const bomb = deflateRawSync(Buffer.alloc(10_000_000));
  receiver.answer(() => ({ headers: { 'content-type': 'application/zip' }, body: bomb }));
  const { id } = await alice.create({
    name: 'Archive',
    trigger_config: { type: 'manual' },
    actions: [{ id: 'fetch', type: 'http', config: { method: 'GET', url: `${receiver.url}/zip` } }],
  });

  const { body } = await alice.post(`/api/agents/${id}/run`, {});
  const run = await alice.finished(body.run_id);

  expect(run.status).toBe('success');
  expect(JSON.stringify(run.steps[0].output).length).toBeLessThan(10 * bomb.length);
});
