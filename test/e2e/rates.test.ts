import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { accountsOf } from '#test/helpers/accounts';
import { apiClient, type Reply, send } from '#test/helpers/api-client';
import { eventually } from '#test/helpers/eventually';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
const port = 20_000 + (process.pid % 20_000);
const product = await startProduct({
  port,
  env: { EGRESS_ALLOW: `127.0.0.1:${receiver.port},localhost:${port}` },
});
const accounts = await accountsOf(product);
const SECRET = 'a-secret-of-sixteen';

const manual = (url: string, settings = {}) => ({
  name: 'Caller',
  trigger_config: { type: 'manual' },
  actions: [{ type: 'http', config: { url } }],
  settings,
});

describe('calls of the API', () => {
  it('are taken up to the burst of the plan, then refused with the time to wait', async () => {
    const api = await accounts.user('caller', 'free');
    const { body: made } = await api.post('/api/keys', { name: 'Program' });
    const program = apiClient(product.url, made.key);
    let refused: Reply | undefined;

    for (let round = 0; round < 40 && refused === undefined; round += 1) {
      const replies = await Promise.all(Array.from({ length: 10 }, () => api.get('/api/usage')));
      refused = replies.find(({ status }) => status !== 200);
    }

    expect(refused?.status).toBe(429);
    expect(refused?.body.error.code).toBe('rate_limited');
    const seconds = Number(refused?.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(refused?.headers.get('ratelimit-limit')).toBe('100');
    expect(refused?.headers.get('ratelimit-remaining')).toBe('0');
    // A key is no second allowance.
    const more = await Promise.all(Array.from({ length: 60 }, () => program.get('/api/usage')));
    expect(more.map(({ status }) => status)).toContain(429);
    // What the answer says is what happens.
    await delay(seconds * 1_000);
    expect((await api.get('/api/usage')).status).toBe(200);
  });

  it('that are the first of a user are all taken, though they come at once', async () => {
    const api = await accounts.user('newcomer', 'free');

    const replies = await Promise.all(Array.from({ length: 12 }, () => api.get('/api/usage')));

    expect(replies.map(({ status }) => status)).toEqual(Array(12).fill(200));
  });

  it('of others are taken meanwhile', async () => {
    const other = await accounts.user('other-caller', 'free');

    expect((await other.get('/api/usage')).status).toBe(200);
  });
});

describe('what is tried has a rate of its own:', () => {
  it('steps', async () => {
    const api = await accounts.user('trier', 'free');
    const action = { type: 'http', config: { url: receiver.url } };

    await refusesMany(() => api.post('/api/agents/test-step', { action }), '10 steps a minute');
  });

  it('connections', async () => {
    const api = await accounts.user('connector', 'free');
    const { host } = new URL(receiver.url);
    const secret = { token: 'long-enough-token' };
    const connection = { kind: 'http_bearer', name: 'Mine', allowed_hosts: [host], secret };
    const { id } = (await api.post('/api/connections', connection)).body;

    await refusesMany(() => api.post(`/api/connections/${id}/test`), '10 connections a minute');
  });

  async function refusesMany(tryIt: () => Promise<Reply>, limit: string) {
    let refused: Reply | undefined;

    // A minute may end meanwhile.
    for (let tried = 0; tried < 22 && refused === undefined; tried += 1) {
      const reply = await tryIt();
      if (reply.status !== 200) refused = reply;
      else expect(tried).toBeLessThan(20);
    }

    expect(refused?.status).toBe(429);
    expect(refused?.body.error).toMatchObject({
      code: 'rate_limited',
      message: expect.stringContaining(limit),
    });
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  }
});

it('an agent that starts itself is stopped at the fifth call', async () => {
  const api = await accounts.user('looper', 'pro');
  const { id, webhook_url } = await api.create({
    name: 'Looper',
    trigger_config: { type: 'webhook', secret: SECRET },
    actions: [{ type: 'http', config: { url: 'https://example.com' } }],
    settings: { retry: { max_attempts: 1 } },
  });
  const again = {
    type: 'http',
    config: {
      method: 'POST',
      url: `${webhook_url.replace('127.0.0.1', 'localhost')}?secret=${SECRET}`,
      headers: { 'X-CrucibAI-Depth': '0' },
      body: {},
    },
  };
  const changed = await api.request('PATCH', `/api/agents/${id}`, { actions: [again] });
  expect(changed.status, JSON.stringify(changed.body)).toBe(200);

  await send(webhook_url, 'POST', {}, { headers: { 'x-webhook-secret': SECRET } });

  const runs = await eventually(async () => {
    const { items } = (await api.get(`/api/agents/${id}/runs`)).body;
    if (!items.some((run: Reply['body']) => run.status === 'failed')) throw new Error('Not yet');
    return items;
  });
  expect(runs).toHaveLength(5);
  expect(runs.map(({ status }: Reply['body']) => status).toSorted()).toEqual([
    'failed',
    ...Array.from({ length: 4 }, () => 'success'),
  ]);
  const { items } = (await api.get(`/api/agents/${id}/deliveries`)).body;
  expect(items[0]).toMatchObject({ status: 409 });
  expect(items[0].reason).toContain('Break the loop');
});

it('runs that start each other over the API are stopped at the same depth', async () => {
  const api = await accounts.user('api-looper', 'pro');
  const { id } = await api.create(manual(receiver.url));
  const at = (depth: number) => ({ headers: { 'x-crucibai-depth': String(depth) } });

  const first = await api.post(`/api/agents/${id}/run`, {}, at(4));
  await api.finished(first.body.run_id);

  expect(first.status).toBe(202);
  // What the run does says that it is one deeper.
  const [request] = receiver.requests.filter((one) => one.headers['x-crucibai-depth'] === '5');
  expect(request).toBeDefined();
  const refused = [
    await api.post(`/api/agents/${id}/run`, {}, at(5)),
    await api.post(`/api/agents/runs/${first.body.run_id}/replay`, {}, at(5)),
    await api.post('/api/agents/run/Content%20Agent', { prompt: 'Hi' }, at(5)),
  ];
  expect(refused.map(({ status }) => status)).toEqual([409, 409, 409]);
  expect(refused[0]?.body.error.message).toContain('Break the loop');
});

describe('what a plan does not cover', () => {
  it.each([
    ['a schedule of every minute', { type: 'schedule', cron_expression: '* * * * *' }, {}],
    [
      'a schedule with two times close together',
      { type: 'schedule', cron_expression: '0,5 9 * * *' },
      {},
    ],
    ['more webhook calls', { type: 'webhook' }, { webhook_rate_per_minute: 101 }],
  ])('is refused with 422: %s', async (_, trigger_config, settings) => {
    const free = await accounts.user('small', 'free');
    const pro = await accounts.user('large', 'pro');
    const agent = { ...manual(`${receiver.url}/x`, settings), trigger_config };

    const refused = await free.post('/api/agents', agent);
    const accepted = await pro.post('/api/agents', agent);

    expect(refused.status).toBe(422);
    expect(refused.body.error.code).toBe('beyond_plan');
    expect(refused.body.error.details.fields).toHaveLength(1);
    expect(accepted.status).toBe(201);
  });

  it('is refused when an agent is changed, too', async () => {
    const free = await accounts.user('small', 'free');
    const { id } = await free.create(manual(`${receiver.url}/x`));
    const trigger_config = { type: 'schedule', cron_expression: '*/5 * * * *' };

    const { status } = await free.request('PATCH', `/api/agents/${id}`, { trigger_config });

    expect(status).toBe(422);
  });
});
