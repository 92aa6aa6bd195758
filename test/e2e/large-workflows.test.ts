import { expect, it } from 'vitest';
import { send } from '#test/helpers/api-client';
import { eventually } from '#test/helpers/eventually';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
const product = await startProduct({
  receivers: [receiver],
  env: { COUNT_OPERATIONS: '1' },
});
const alice = await product.api('alice');

const post = (path: string, body: unknown, more: object = {}) => ({
  type: 'http',
  config: { method: 'POST', url: `${receiver.url}${path}`, body },
  ...more,
});

async function run(actions: object[], body: unknown = {}) {
  const agent = await alice.create({
    name: 'Large',
    trigger_config: { type: 'manual' },
    actions,
  });
  const started = await alice.post(`/api/agents/${agent.id}/run`, body);
  return alice.finished(started.body.run_id, 90);
}

const sentTo = (path: string) => receiver.requests.filter((one) => one.path === path);

const counters = async () => (await send(`${product.url}/local/operations`, 'GET')).body;

it('a loop over 1,000 items does each once, keeps their order and can be looked at', async () => {
  receiver.answer(({ json }) => ({ body: { got: json } }));
  const items = Array.from({ length: 1_000 }, (_, n) => ({ n }));
  const finished = await run(
    [
      {
        id: 'each',
        type: 'for_each',
        config: {
          items: '{{trigger.body}}',
          actions: [post('/item', '{{item}}')],
          concurrency: 10,
        },
      },
      post('/last', { count: '{{steps.each.output | length}}' }),
    ],
    items,
  );

  expect(finished.status, JSON.stringify(finished.error)).toBe('success');
  expect(sentTo('/item')).toHaveLength(1_000);
  expect(sentTo('/last')[0]?.json).toEqual({ count: 1_000 });
  const [each] = finished.steps;
  expect(each.output.map((one: { json: unknown }) => one.json)).toEqual(
    items.map((item) => ({ got: item })),
  );

  const path = `/api/agents/runs/${finished.id}/steps`;
  const first = (await alice.get(`${path}?limit=3`)).body;
  expect(first.items.map((one: { path: string }) => one.path)).toEqual([
    '0[0]',
    '0[0].0',
    '0[1]',
    '0[1].0',
    '0[2]',
    '0[2].0',
  ]);
  const next = (await alice.get(`${path}?limit=1&cursor=${first.next_cursor}`)).body;
  expect(next.items[0].path).toBe('0[3]');
  const log = (await alice.get(`/api/agents/runs/${finished.id}/logs?limit=1000`)).body;
  expect(log.items).toHaveLength(1_000);
});

it('100 steps, each with the output of the one before it', async () => {
  const actions = Array.from({ length: 100 }, (_, n) =>
    post(
      `/chain/${n}`,
      { n: n === 0 ? 0 : `{{steps.s${n - 1}.output.json.next}}` },
      { id: `s${n}` },
    ),
  );
  receiver.answer(({ json }) => ({ body: { next: (json as { n: number }).n + 1 } }));

  const finished = await run(actions);

  expect(finished.status, JSON.stringify(finished.error)).toBe('success');
  expect(finished.steps).toHaveLength(100);
  expect(sentTo('/chain/99')[0]?.json).toEqual({ n: 99 });
});

// Runs that enter Step Functions only to wait cost nothing there when they do not.
const transitions = process.env['STACK_PARAMETERS']?.includes('waits-only') ? 0 : 3;

it(`a run of three steps costs ${transitions} state transitions, one of a single step none`, async () => {
  receiver.answer(() => ({}));
  const before = (await counters()).state_transitions;
  await run([post('/a', 1), post('/b', 1), post('/c', 1)]);
  const three = await eventually(async () => {
    const now = (await counters()).state_transitions - before;
    expect(now).toBeGreaterThanOrEqual(transitions);
    return now;
  });
  expect(three).toBe(transitions);

  await run([post('/a', 1)]);
  expect((await counters()).state_transitions - before).toBe(transitions);
});
