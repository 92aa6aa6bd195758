import { beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '#test/helpers/api-client';
import { eventually } from '#test/helpers/eventually';
import { type Product, startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
const options = { receivers: [receiver] };
let product: Product;
let alice: ApiClient;

beforeAll(async () => {
  product = await startProduct(options);
  alice = await product.api('alice');
});

const post = (id: string, body: unknown, more: object = {}) => ({
  id,
  type: 'http',
  config: { method: 'POST', url: `${receiver.url}/${id}`, body },
  ...more,
});
const is = (left: unknown, right: unknown) => ({ left, op: 'equals', right });
const sentTo = (id: string) => receiver.requests.filter(({ path }) => path === `/${id}`);
const bodiesOf = (id: string) => sentTo(id).map(({ body }) => JSON.parse(String(body)));
const textsOf = (id: string) => sentTo(id).map(({ body }) => String(body));

async function start(
  actions: object[],
  body: unknown = {},
  settings: object = {},
): Promise<string> {
  const agent = await alice.create({
    name: 'Workflow',
    trigger_config: { type: 'manual' },
    actions,
    settings,
  });
  const started = await alice.post(`/api/agents/${agent.id}/run`, body);
  expect(started.status).toBe(202);
  return started.body.run_id;
}

const ms = (run: { started_at: string; finished_at: string }) =>
  Date.parse(run.finished_at) - Date.parse(run.started_at);

/** What is shown to whom a run asks. */
const asked = (run_id: string, step_path: string) =>
  eventually(async () => {
    const { items } = (await alice.get('/api/agents/approvals')).body;
    expect(items).toMatchObject([{ run_id, step_path }]);
    return items[0].preview;
  });

describe('a workflow', () => {
  it('branches on data, and says what it skipped', async () => {
    const actions = [
      post('skipped', 1, { when: is('{{trigger.body.tier}}', 'free') }),
      {
        id: 'choose',
        type: 'branch',
        config: {
          branches: [
            {
              when: is('{{trigger.body.tier}}', 'gold'),
              actions: [post('gold', { n: '{{trigger.body.n}}' })],
            },
          ],
          otherwise: [post('other', 1)],
        },
      },
      post('after', {
        got: '{{steps.choose.output.branch}}',
        inner: '{{steps.gold.output.status}}',
      }),
    ];

    const run = await alice.finished(await start(actions, { tier: 'gold', n: 7 }));

    expect(run).toMatchObject({ status: 'success' });
    expect(
      run.steps.map((one: { path: string; status: string }) => [one.path, one.status]),
    ).toEqual([
      ['0', 'skipped'],
      ['1', 'success'],
      ['1.branches.0.0', 'success'],
      ['2', 'success'],
    ]);
    expect(bodiesOf('gold')).toEqual([{ n: 7 }]);
    expect(bodiesOf('after')).toEqual([{ got: 0, inner: 200 }]);
    expect(sentTo('other')).toEqual([]);
  });

  it('loops over items in order, several at once', async () => {
    const list = Array.from({ length: 12 }, (_, n) => `item ${n}`);
    const run = await alice.finished(
      await start(
        [
          {
            id: 'each',
            type: 'for_each',
            config: {
              items: '{{trigger.body}}',
              actions: [post('looped', '{{item}}')],
              concurrency: 4,
            },
          },
          post('sum', '{{steps.each.output | length}}'),
        ],
        list,
      ),
    );

    expect(run).toMatchObject({ status: 'success' });
    expect(textsOf('looped').toSorted()).toEqual(list.toSorted());
    const each = run.steps.find((one: { id: string }) => one.id === 'each');
    expect(each.output).toHaveLength(12);
    expect(bodiesOf('sum')).toEqual([12]);
    const keys = sentTo('looped').map(({ headers }) => headers['idempotency-key']);
    expect(keys.toSorted()).toEqual(list.map((_, n) => `${run.id}:0[${n}].0`).toSorted());
  });

  it('keeps a delay of 3 s, and a time to wait for, within a second', async () => {
    const delayed = await alice.finished(
      await start([{ type: 'delay', config: { seconds: 3 } }, post('late', 1)]),
    );
    expect(ms(delayed)).toBeGreaterThanOrEqual(3_000);
    expect(ms(delayed)).toBeLessThan(4_000);

    const at = new Date(Date.now() + 2_500).toISOString();
    const runId = await start(
      [{ type: 'delay', config: { until: '{{trigger.body.at}}' } }, post('then', 1)],
      { at },
    );
    const waiting = await eventually(async () => {
      const { body } = await alice.get(`/api/agents/runs/${runId}`);
      expect(body.status).toBe('waiting');
      return body;
    });
    expect(waiting.waiting_for).toEqual({ kind: 'delay', until: at });
    const punctual = await alice.finished(runId);
    expect(Date.parse(punctual.steps[1].started_at) - Date.parse(at)).toBeGreaterThanOrEqual(0);
    expect(Date.parse(punctual.steps[1].started_at) - Date.parse(at)).toBeLessThan(1_000);
  });

  it('tries steps again within a loop, while the others go on', async () => {
    let tries = 0;
    receiver.answer(({ path, body }) => {
      if (path !== '/flaky' || String(body) !== 'b') return {};
      tries += 1;
      return tries === 1 ? { status: 503, headers: { 'retry-after': '1' } } : {};
    });
    const retry = { max_attempts: 3, initial_delay_seconds: 0.2 };
    const run = await alice.finished(
      await start([
        {
          id: 'each',
          type: 'for_each',
          config: {
            items: ['a', 'b', 'c'],
            actions: [post('flaky', '{{item}}', { retry })],
            concurrency: 2,
          },
        },
      ]),
      20,
    );
    receiver.answer(() => ({}));

    expect(run.status).toBe('success');
    expect(textsOf('flaky').filter((one) => one === 'b')).toHaveLength(2);
    expect(textsOf('flaky').toSorted()).toEqual(['a', 'b', 'b', 'c']);
  });

  it('asks again about whichever branch the answer to its approval takes, with secrets masked', async () => {
    const comment = '{{steps.ask.output.comment | default: ""}}';
    const headers = { 'x-api-key': 'a secret of alice' };
    const rush = post('rush', { comment });
    const runId = await start([
      { id: 'ask', type: 'approval', config: { message: 'Pay?' } },
      {
        type: 'branch',
        config: {
          branches: [
            {
              when: { left: comment, op: 'contains', right: 'now' },
              actions: [{ ...rush, config: { ...rush.config, headers } }],
            },
          ],
          otherwise: [post('later', 1)],
        },
      },
    ]);
    const approve = (comment: string) =>
      alice.post(`/api/agents/runs/${runId}/approve`, { comment });

    const first = await asked(runId, '0');
    expect(await approve('Pay now.')).toMatchObject({ status: 200 });
    const second = await asked(runId, '1.branches.0.0.approval');
    expect(sentTo('rush')).toEqual([]);
    expect(await approve('')).toMatchObject({ status: 200 });

    expect(await alice.finished(runId)).toMatchObject({ status: 'success' });
    expect(first).toMatchObject([
      { id: 'rush', resolved: false, config: { body: { comment } } },
      { id: 'later', resolved: false },
    ]);
    expect(second).toMatchObject([
      {
        resolved: true,
        config: { body: { comment: 'Pay now.' }, headers: { 'x-api-key': '****' } },
      },
    ]);
    expect(bodiesOf('rush')).toEqual([{ comment: 'Pay now.' }]);
    expect(sentTo('later')).toEqual([]);
  });

  it('neither executes nor charges a step whose approval is refused', async () => {
    const refused = post('refused', 1, { approval_required: true, on_error: 'continue' });
    const runId = await start([refused, post('anyway', 1)]);
    const shown = await asked(runId, '0.approval');
    expect(shown).toMatchObject([{ id: 'refused', resolved: true, config: { body: 1 } }]);

    expect((await alice.post(`/api/agents/runs/${runId}/reject`, {})).status).toBe(200);

    const run = await alice.finished(runId);
    expect(run).toMatchObject({ status: 'success', credits_charged: 1 });
    expect(run.steps[0]).toMatchObject({
      status: 'failed',
      attempts: 0,
      error: { code: 'approval_rejected' },
    });
    expect([sentTo('refused').length, sentTo('anyway').length]).toEqual([0, 1]);
  });

  it('goes on after a kill -9 while it waits, and does nothing twice', async () => {
    const runId = await start([
      post('before', 1),
      { type: 'delay', config: { seconds: 4 } },
      post('end', 1),
    ]);
    await eventually(async () => {
      const { body } = await alice.get(`/api/agents/runs/${runId}`);
      expect(body.status).toBe('waiting');
    });

    await product.kill();
    product = await startProduct({ ...options, dataDir: product.dataDir, port: product.port });
    alice = await product.api('alice');
    const run = await alice.finished(runId, 30);

    expect(run.status).toBe('success');
    expect(ms(run)).toBeGreaterThanOrEqual(4_000);
    expect(sentTo('before')).toHaveLength(1);
    expect(sentTo('end')).toHaveLength(1);
  });
});
