import { beforeEach, describe, expect, it } from 'vitest';
import { send } from '#test/helpers/api-client';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
const product = await startProduct({ receivers: [receiver] });
const alice = await product.api('alice');
const SECRET = 'a-secret-of-sixteen';

beforeEach(() => receiver.answer(() => ({ body: { ok: true } })));

/** An agent with a webhook and these HTTP calls to the receiver. */
function agent(...calls: ({ path: string } & Record<string, unknown>)[]) {
  return {
    name: 'Lead router',
    trigger_config: { type: 'webhook', secret: SECRET },
    actions: calls.map(({ path, id, ...config }) => ({
      ...(id !== undefined && { id }),
      type: 'http',
      config: { method: 'POST', url: `${receiver.url}${path}`, ...config },
    })),
  };
}

async function call(webhookUrl: string, body: unknown): Promise<string> {
  const headers = { 'x-webhook-secret': SECRET };
  const answer = await send(webhookUrl, 'POST', body, { headers });
  expect(answer.status).toBe(202);
  expect(answer.body).toEqual({ run_id: expect.stringMatching(/^run_/), duplicate: false });
  return answer.body.run_id;
}

describe('T-8: webhook, run, action', () => {
  it('calls the endpoint with what came in, and shows the run', async () => {
    const { id, webhook_url } = await alice.create(
      agent({
        path: '/leads',
        body: { lead: '{{trigger.body.email}}', score: '{{trigger.body.score}}' },
      }),
    );

    const runId = await call(webhook_url, { email: 'ada@example.com', score: 7 });
    const run = await alice.finished(runId);

    const [request, ...more] = await receiver.got('/leads');
    expect(more).toEqual([]);
    expect(request?.json).toEqual({ lead: 'ada@example.com', score: 7 });
    expect(request?.headers['idempotency-key']).toBe(`${runId}:0`);
    expect(run).toMatchObject({
      id: runId,
      agent_id: id,
      user_id: 'alice',
      status: 'success',
      triggered_by: 'webhook',
      agent_version: 1,
      error_message: null,
      trigger: { body: { email: 'ada@example.com', score: 7 } },
      steps: [
        {
          index: 0,
          path: '0',
          id: 'step_1',
          type: 'http',
          status: 'success',
          attempts: 1,
          input: { method: 'POST', body: { lead: 'ada@example.com', score: 7 } },
          output: { status: 200, json: { ok: true } },
          error: null,
        },
      ],
    });
  });

  it('times the run and each step', async () => {
    const { webhook_url } = await alice.create(agent({ path: '/timed' }));
    receiver.answer(() => new Promise((done) => setTimeout(done, 60, {})));
    const before = Date.now();

    const run = await alice.finished(await call(webhook_url, {}));

    const times = [run.triggered_at, run.started_at, run.steps[0].started_at];
    const ends = [run.steps[0].finished_at, run.finished_at];
    const all = [...times, ...ends].map((time) => Date.parse(time));
    expect(all).toEqual(all.toSorted((a, b) => a - b));
    expect(all[0]).toBeGreaterThanOrEqual(before);
    expect(run.triggered_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(run.steps[0].duration_ms).toBeGreaterThanOrEqual(55);
    expect(run.duration_ms).toBeGreaterThanOrEqual(run.steps[0].duration_ms);
  });
});

describe('chaining', () => {
  it('hands outputs on by id and by place, with their types', async () => {
    receiver.answer(({ path }) => ({
      body:
        path === '/first'
          ? { id: 42, tags: ['a', 'b'], nested: { yes: true, none: null } }
          : { ok: 1 },
    }));
    const { webhook_url } = await alice.create(
      agent(
        { path: '/first', id: 'fetch' },
        {
          path: '/second/{{steps.fetch.output.json.id}}',
          body: {
            id: '{{steps.fetch.output.json.id}}',
            tags: '{{steps.0.output.json.tags}}',
            whole: '{{steps.fetch.output.json}}',
            text: 'no. {{steps.fetch.output.json.id}}: {{trigger.body.word | upper}}',
          },
        },
        { path: '/third', body: { status: '{{steps.1.output.status}}', run: '{{run.id}}' } },
      ),
    );

    const runId = await call(webhook_url, { word: '{{trigger.body}}' });
    const run = await alice.finished(runId);

    expect(run.error_message).toBeNull();
    const [second] = await receiver.got('/second/42');
    expect(second?.json).toEqual({
      id: 42,
      tags: ['a', 'b'],
      whole: { id: 42, tags: ['a', 'b'], nested: { yes: true, none: null } },
      text: 'no. 42: {{TRIGGER.BODY}}',
    });
    const [third] = await receiver.got('/third');
    expect(third?.json).toEqual({ status: 200, run: runId });
    const keys = receiver.requests
      .map(({ headers }) => headers['idempotency-key'])
      .filter((key) => key?.toString().startsWith(runId));
    expect(keys).toEqual([`${runId}:0`, `${runId}:1`, `${runId}:2`]);
  });

  it('stops at the first step that fails', async () => {
    receiver.answer(({ path }) => ({ status: path === '/no' ? 404 : 200 }));
    const { webhook_url } = await alice.create(agent({ path: '/no' }, { path: '/never' }));

    const run = await alice.finished(await call(webhook_url, {}));

    expect(run).toMatchObject({ status: 'failed', steps: [{ status: 'failed' }] });
    expect(receiver.requests.filter(({ path }) => path === '/never')).toEqual([]);
  });
});

describe('T-5: runs and logs', () => {
  it('gives the log line by line', async () => {
    const { webhook_url } = await alice.create(agent({ path: '/logged' }));
    const runId = await call(webhook_url, {});
    await alice.finished(runId);

    const { status, body } = await alice.get(`/api/agents/runs/${runId}/logs`);

    expect(status).toBe(200);
    const host = new URL(receiver.url).host;
    expect(body).toEqual({
      items: [
        expect.objectContaining({ level: 'info', step: null, message: 'Run started by webhook.' }),
        expect.objectContaining({
          level: 'info',
          step: '0',
          message: expect.stringContaining(`POST ${host} answered 200`),
        }),
        expect.objectContaining({ level: 'info', step: null, message: 'Run succeeded.' }),
      ],
      next_cursor: null,
    });
    for (const { at } of body.items) expect(new Date(at).toISOString()).toBe(at);
  });

  it('pages through a log', async () => {
    const { webhook_url } = await alice.create(agent({ path: '/paged' }));
    const runId = await call(webhook_url, {});
    await alice.finished(runId);
    const path = `/api/agents/runs/${runId}/logs`;

    const first = await alice.get(`${path}?limit=2`);
    const rest = await alice.get(`${path}?limit=2&cursor=${first.body.next_cursor}`);
    const whole = await alice.get(path);

    expect(first.body.items).toHaveLength(2);
    expect([...first.body.items, ...rest.body.items]).toEqual(whole.body.items);
    expect(rest.body.next_cursor).toBeNull();
  });

  it('lists the runs of an agent and of all agents, newest first', async () => {
    const bob = await product.api('bob');
    const one = await bob.create(agent({ path: '/one' }));
    const two = await bob.create(agent({ path: '/two' }));
    const runIds: string[] = [];
    for (const { webhook_url } of [one, two, one, one, two]) {
      runIds.unshift(await call(webhook_url, {}));
    }
    for (const runId of runIds) await bob.finished(runId);

    const ofOne = await pages(bob, `/api/agents/${one.id}/runs`, 2);
    const ofAll = await pages(bob, '/api/agents/runs', 2);

    expect(ofOne.map((run) => run.id)).toEqual([runIds[1], runIds[2], runIds[4]]);
    expect(ofAll.map((run) => run.id)).toEqual(runIds);
    expect(ofAll[0]).toMatchObject({
      agent_id: two.id,
      status: 'success',
      triggered_by: 'webhook',
      output_summary: expect.stringContaining('answered 200'),
    });
    const agentOne = await bob.get(`/api/agents/${one.id}`);
    expect(agentOne.body.last_run).toMatchObject({ id: runIds[1], status: 'success' });
    expect(agentOne.body.run_counts).toEqual({ success: 3, failed: 0, cancelled: 0 });
  });

  it('refuses a cursor of another list or another user', async () => {
    const carol = await product.api('carol');
    const { id, webhook_url } = await carol.create(agent({ path: '/cursor' }));
    for (let count = 0; count < 2; count += 1) await carol.finished(await call(webhook_url, {}));
    const { body } = await carol.get('/api/agents/runs?limit=1');

    const answers = [
      await carol.get(`/api/agents/${id}/runs?cursor=${body.next_cursor}`),
      await carol.get(`/api/agents?cursor=${body.next_cursor}`),
      await alice.get(`/api/agents/runs?cursor=${body.next_cursor}`),
      await carol.get('/api/agents/runs?cursor=x'),
    ];

    for (const answer of answers) {
      expect(answer.status).toBe(400);
      expect(answer.body.error.details.fields[0].path).toBe('cursor');
    }
  });
});

type Api = typeof alice;

async function pages(api: Api, path: string, limit: number): Promise<{ id: string }[]> {
  const items: { id: string }[] = [];
  let cursor: string | null = null;
  do {
    const { body }: Awaited<ReturnType<Api['get']>> = await api.get(
      `${path}?limit=${limit}${cursor === null ? '' : `&cursor=${cursor}`}`,
    );
    expect(body.items.length).toBeLessThanOrEqual(limit);
    items.push(...body.items);
    cursor = body.next_cursor;
  } while (cursor !== null);
  return items;
}
