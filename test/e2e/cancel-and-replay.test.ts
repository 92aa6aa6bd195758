import { beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '#test/helpers/api-client';
import { eventually } from '#test/helpers/eventually';
import { type Product, startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
let product: Product;
let alice: ApiClient;
let bob: ApiClient;

beforeAll(async () => {
  product = await startProduct({ receivers: [receiver] });
  alice = await product.api('alice');
  bob = await product.api('bob');
});

const post = (id: string, body: unknown = { id }, more: object = {}) => ({
  id,
  type: 'http',
  config: { method: 'POST', url: `${receiver.url}/${id}`, body },
  ...more,
});
const sentTo = (id: string) => receiver.requests.filter(({ path }) => path === `/${id}`);
const bodiesOf = (id: string) => sentTo(id).map(({ body }) => JSON.parse(String(body)));
const pause = (seconds: number) => ({ type: 'delay', config: { seconds } });

const agentOf = (actions: object[]) =>
  alice.create({ name: 'Workflow', trigger_config: { type: 'manual' }, actions });

async function start(actions: object[], body: unknown = {}): Promise<string> {
  const agent = await agentOf(actions);
  return (await alice.post(`/api/agents/${agent.id}/run`, body)).body.run_id;
}

const read = async (runId: string) => (await alice.get(`/api/agents/runs/${runId}`)).body;
const cancel = (runId: string) => alice.post(`/api/agents/runs/${runId}/cancel`, undefined);
const replay = async (runId: string, body: object = {}) => {
  const answer = await alice.post(`/api/agents/runs/${runId}/replay`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  return answer.body.run_id as string;
};

async function inStatus(runId: string, status: string) {
  return eventually(async () => {
    const run = await read(runId);
    expect(run.status).toBe(status);
    return run;
  });
}

describe('cancelling', () => {
  it('a run that waits ends it at once, and nothing after it starts', async () => {
    const runId = await start([post('waited'), pause(2), post('never')]);
    await inStatus(runId, 'waiting');

    expect(await cancel(runId)).toMatchObject({ status: 202, body: { status: 'cancelled' } });

    expect(await read(runId)).toMatchObject({
      status: 'cancelled',
      waiting_for: null,
      steps: [{ status: 'success' }, { type: 'delay', status: 'cancelled', wait_until: null }],
    });
    expect(await cancel(runId)).toMatchObject({
      status: 409,
      body: { error: { code: 'conflict', message: expect.stringContaining('cancelled') } },
    });
    // The time at which it would have gone on passes.
    await alice.finished(await start([pause(3)]), 20);
    expect(sentTo('never')).toEqual([]);
    expect(await read(runId)).toMatchObject({ status: 'cancelled' });
  });

  it('a run that works lets its step end, and keeps its result', async () => {
    let release = () => {};
    receiver.answer(({ path }) => {
      if (path !== '/slow') return {};
      return new Promise((resolve) => {
        release = () => resolve({});
      });
    });
    const runId = await start([post('slow'), post('after-slow')]);
    await receiver.got('/slow', 1);

    expect(await cancel(runId)).toMatchObject({ status: 202, body: { status: 'running' } });
    release();
    const run = await alice.finished(runId);
    receiver.answer(() => ({}));

    expect(run).toMatchObject({ status: 'cancelled', error_message: null });
    expect(run.steps).toMatchObject([{ id: 'slow', status: 'success' }]);
    expect(sentTo('after-slow')).toEqual([]);
  });

  it('a run that works on a loop starts no item once it is answered', async () => {
    const concurrency = 4;
    const items = Array.from({ length: 2_000 }, (_, n) => n);
    const body = { max_items: items.length, actions: [post('each', '{{item}}')] };
    const each = { items: '{{trigger.body}}', concurrency, ...body };
    const actions = [{ id: 'loop', type: 'for_each', config: each }, post('after-loop')];
    // In the middle of what a worker may do on what it was told: the moments of several runs differ.
    for (let round = 0; round < 3; round += 1) {
      const before = sentTo('each').length;
      const runId = await start(actions, items);
      await receiver.got('/each', before + 20);

      expect(await cancel(runId)).toMatchObject({ status: 202, body: { status: 'running' } });
      const begun = sentTo('each').length;
      const run = await alice.finished(runId);

      expect(run.status).toBe('cancelled');
      expect(begun - before).toBeLessThan(items.length);
      // Those that had been sent, but had not come.
      expect(sentTo('each').length - begun).toBeLessThanOrEqual(concurrency);
    }
    expect(sentTo('after-loop')).toEqual([]);
  });

  it('a run that waits for a person withdraws what it asked', async () => {
    const approval = { type: 'approval', config: { message: 'Go on?' } };
    const runId = await start([approval, post('unapproved')]);
    await eventually(async () => {
      const { body } = await alice.get('/api/agents/approvals');
      expect(body.items).toMatchObject([{ run_id: runId }]);
    });

    expect((await cancel(runId)).status).toBe(202);

    expect((await alice.get('/api/agents/approvals')).body.items).toEqual([]);
    expect((await alice.post(`/api/agents/runs/${runId}/approve`, {})).status).toBe(409);
    expect(await read(runId)).toMatchObject({ status: 'cancelled' });
    expect(sentTo('unapproved')).toEqual([]);
  });

  it("somebody else's run, or none, is not found", async () => {
    const runId = await start([pause(60), post('x')]);
    const path = `/api/agents/runs/${runId}`;
    expect((await bob.post(`${path}/cancel`, undefined)).status).toBe(404);
    expect((await bob.post(`${path}/replay`, {})).status).toBe(404);
    expect((await cancel(runId)).status).toBe(202);
  });
});

describe('replaying', () => {
  const actions = [
    post('one', { n: '{{trigger.body.n}}' }),
    post('two', { one: '{{steps.one.output.status}}', n: '{{trigger.body.n}}' }),
    post('three', { two: '{{steps.two.output.status}}' }),
  ];

  it('from a step on takes over what came before, and links both runs', async () => {
    const first = await alice.finished(await start(actions, { n: 5 }));
    const runId = await replay(first.id, { from_step: 'two' });
    const second = await alice.finished(runId);

    expect(second).toMatchObject({
      status: 'success',
      triggered_by: 'replay',
      replay_of: first.id,
    });
    expect(second.trigger.body).toEqual({ n: 5 });
    expect(await read(first.id)).toMatchObject({ replayed_by: runId });
    expect(sentTo('one')).toHaveLength(1);
    expect(bodiesOf('two')).toEqual([
      { one: 200, n: 5 },
      { one: 200, n: 5 },
    ]);
    expect(second.steps).toHaveLength(3);
    expect(second.steps[0].output).toEqual(first.steps[0].output);
    expect([first.credits_charged, second.credits_charged]).toEqual([3, 2]);
  });

  it('whole, or by place, or from a step that is not there', async () => {
    const first = await alice.finished(await start([post('p1'), post('p2')]));
    await alice.finished(await replay(first.id));
    await alice.finished(await replay(first.id, { from_step: '1' }));
    expect([sentTo('p1').length, sentTo('p2').length]).toEqual([2, 3]);

    const wrong = await alice.post(`/api/agents/runs/${first.id}/replay`, { from_step: 'p9' });
    expect(wrong).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
    expect(wrong.body.error.details.fields[0].path).toBe('from_step');
  });

  it('from a step of a branch that was taken, and of no other', async () => {
    const isLarge = { left: '{{trigger.body.n}}', op: 'greater_than', right: 10 };
    const branches = [{ when: isLarge, actions: [post('large'), post('larger')] }];
    const route = { id: 'route', type: 'branch', config: { branches, otherwise: [post('small')] } };
    const first = await alice.finished(await start([route, post('routed')], { n: 11 }));
    await alice.finished(await replay(first.id, { from_step: 'larger' }));
    expect(['large', 'larger', 'routed'].map((id) => sentTo(id).length)).toEqual([1, 2, 2]);

    const path = `/api/agents/runs/${first.id}/replay`;
    const wrong = await alice.post(path, { from_step: 'small' });
    expect([wrong.status, wrong.body.error?.details.fields]).toEqual([
      400,
      [{ path: 'from_step', message: expect.stringContaining('did not take') }],
    ]);
  });

  it('not from behind the step that ended the run, which would end it again', async () => {
    const badUrl = { ...post('ended'), config: { url: '{{trigger.body.nowhere}}', method: 'GET' } };
    const first = await alice.finished(await start([badUrl, post('behind')]));
    expect(first.status).toBe('failed');

    const path = `/api/agents/runs/${first.id}/replay`;
    const wrong = await alice.post(path, { from_step: 'behind' });

    expect(wrong.status).toBe(400);
    expect(wrong.body.error.details.fields).toEqual([
      {
        path: 'from_step',
        message: expect.stringContaining('The step "ended" before it ended this run: '),
      },
    ]);
  });

  it('runs the definition of then, or that of today', async () => {
    const agent = await agentOf([post('old')]);
    const { body } = await alice.post(`/api/agents/${agent.id}/run`, {});
    await alice.finished(body.run_id);
    await alice.request('PATCH', `/api/agents/${agent.id}`, { actions: [post('new')] });

    expect(await alice.finished(await replay(body.run_id))).toMatchObject({ agent_version: 1 });
    const newest = await replay(body.run_id, { agent_version: 'newest' });
    expect(await alice.finished(newest)).toMatchObject({ agent_version: 2 });

    expect([sentTo('old').length, sentTo('new').length]).toEqual([2, 1]);
  });

  it('does not ask again about exactly what was approved, but about anything else', async () => {
    const approval = {
      id: 'ask',
      type: 'approval',
      config: { message: 'Send {{trigger.body.n}}?' },
    };
    const agent = await agentOf([
      post('first'),
      approval,
      post('sent', { n: '{{trigger.body.n}}' }),
    ]);
    const { body } = await alice.post(`/api/agents/${agent.id}/run`, { n: 1 });
    await inStatus(body.run_id, 'waiting_approval');
    await eventually(async () => {
      const answer = await alice.post(`/api/agents/runs/${body.run_id}/approve`, {});
      expect(answer.status).toBe(200);
    });
    await alice.finished(body.run_id);

    const same = await alice.finished(await replay(body.run_id));
    expect(same).toMatchObject({ status: 'success' });
    expect(sentTo('sent')).toHaveLength(2);

    const { actions: now } = (await alice.get(`/api/agents/${agent.id}`)).body;
    now[2].config.body = { n: 'other' };
    await alice.request('PATCH', `/api/agents/${agent.id}`, { actions: now });
    const other = await replay(body.run_id, { from_step: 'sent', agent_version: 'newest' });
    await inStatus(other, 'waiting_approval');
    expect(sentTo('sent')).toHaveLength(2);
    expect((await cancel(other)).status).toBe(202);
  });

  it('a run that is not over is refused', async () => {
    const runId = await start([pause(60), post('x')]);
    const answer = await alice.post(`/api/agents/runs/${runId}/replay`, {});
    expect(answer).toMatchObject({ status: 409, body: { error: { code: 'conflict' } } });
    expect((await cancel(runId)).status).toBe(202);
  });
});
