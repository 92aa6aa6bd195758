import { describe, expect, it } from 'vitest';
import { type ApiClient, apiClient, type Reply, send } from '#test/helpers/api-client';
import { eventually } from '#test/helpers/eventually';
import { startProduct } from '#test/helpers/product';

const product = await startProduct();
const admin = apiClient(product.url, await product.token('operator', { role: 'admin' }));

async function userOn(plan: string | undefined, user: string): Promise<ApiClient> {
  return apiClient(product.url, await product.token(user, plan === undefined ? {} : { plan }));
}

/** The whole ledger, newest first. */
async function ledger(api: ApiClient, limit = 100): Promise<Reply['body'][]> {
  const items: Reply['body'][] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const { status, body } = await api.get(`/api/usage/ledger?limit=${limit}${query}`);
    expect(status).toBe(200);
    items.push(...body.items);
    cursor = body.next_cursor;
  }
  return items;
}

describe('the plan of a user', () => {
  it.each([
    ['free', 200, 100, 60, 2],
    ['builder', 5_000, 1_000, 300, 5],
    ['pro', 500_000, 100_000, 20_000, 25],
    [undefined, 500_000, 100_000, 20_000, 25],
  ])('%s gives %i credits', async (plan, balance, month, hour, atOnce) => {
    const api = await userOn(plan, `on-${plan}`);

    const { status, body } = await api.get('/api/usage');

    expect(status).toBe(200);
    expect(body).toMatchObject({
      plan: plan ?? 'pro',
      credits: { balance, reserved: 0 },
      runs: { month: 0, limit: month },
      concurrency: { running: 0, limit: atOnce },
      hourly: { used: 0, limit: hour },
    });
  });

  it('stays when a token is made without one', async () => {
    await userOn('free', 'settled');

    const { body } = await (await userOn(undefined, 'settled')).get('/api/usage');

    expect(body.plan).toBe('free');
  });

  it('is changed by an admin, and the balance moves with it', async () => {
    const api = await userOn('free', 'climber');

    const changed = await admin.request('PUT', '/api/admin/accounts/climber', { plan: 'builder' });

    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ user_id: 'climber', plan: 'builder', suspended: false });
    expect((await api.get('/api/usage')).body.credits.balance).toBe(5_000);
  });
});

describe('the ledger', () => {
  it('has every change, adds up to the balance, and comes in pages of any size', async () => {
    const api = await userOn('free', 'saver');
    for (let n = 1; n <= 23; n += 1) {
      const body = { user_id: 'saver', amount: n % 5 === 0 ? -n : n, reason: `change ${n}` };
      expect((await admin.post('/api/admin/credits', body)).status).toBe(200);
    }
    const { balance } = (await api.get('/api/usage')).body.credits;

    const whole = await ledger(api);

    expect(whole).toHaveLength(24);
    expect(whole[0]).toMatchObject({ kind: 'adjustment', amount: 23, reason: 'change 23' });
    expect(whole.at(-1)).toMatchObject({ kind: 'grant', amount: 200, balance_after: 200 });
    expect(whole.reduce((sum, { amount }) => sum + amount, 0)).toBe(balance);
    expect(whole[0]?.balance_after).toBe(balance);
    for (const limit of [1, 7, 10]) expect(await ledger(api, limit)).toEqual(whole);
  });

  it('never goes below 0', async () => {
    await userOn('free', 'spender');
    const body = { user_id: 'spender', amount: -1_000, reason: 'charge back' };

    const { body: answer } = await admin.post('/api/admin/credits', body);

    expect(answer).toEqual({ user_id: 'spender', applied: -200, balance: 0 });
  });

  it('is not lost or doubled when many change it at once', async () => {
    const api = await userOn('free', 'popular');
    const body = { user_id: 'popular', amount: 1, reason: 'one of many' };

    const replies = await Promise.all(
      Array.from({ length: 20 }, () => admin.post('/api/admin/credits', body)),
    );

    const done = replies.filter(({ status }) => status === 200).length;
    expect(replies.every(({ status }) => status === 200 || status === 503)).toBe(true);
    expect((await api.get('/api/usage')).body.credits.balance).toBe(200 + done);
    expect(await ledger(api)).toHaveLength(1 + done);
  });

  it('refuses a cursor of somebody else', async () => {
    const { body } = await (await userOn(undefined, 'saver')).get('/api/usage/ledger?limit=1');
    const other = await userOn('free', 'spender');

    expect((await other.get(`/api/usage/ledger?cursor=${body.next_cursor}`)).status).toBe(400);
  });
});

describe('the usage of runs', () => {
  const action = (path: string) => ({
    type: 'slack',
    config: { webhook_url: `${product.url}/local/slack/${path}`, text: 'Hello' },
  });
  const starting = async (api: ApiClient, actions: object[]) => {
    const { id } = await api.create({ name: 'Used', trigger_config: { type: 'manual' }, actions });
    return (await api.post(`/api/agents/${id}/run`, {})).body.run_id as string;
  };
  const eventsOf = async (user: string): Promise<Reply['body'][]> => {
    const { items } = (await send(`${product.url}/local/events`, 'GET')).body;
    return items.filter(({ detail }: Reply['body']) => detail.user_id === user);
  };

  it('is told once each is over, however it ended, and adds up to the ledger', async () => {
    const api = await userOn('free', 'metered');
    const bad = { type: 'http', config: { url: '{{trigger.body.nothing}}' } };
    const branch = {
      type: 'branch',
      config: {
        branches: [{ when: { left: 1, op: 'equals', right: 2 }, actions: [action('never')] }],
      },
    };
    const pause = { type: 'delay', config: { seconds: 3_600 } };

    const done = await starting(api, [action('one')]);
    const cheaper = await starting(api, [action('one'), branch]);
    const failed = await starting(api, [action('one'), bad, action('two')]);
    const cancelled = await starting(api, [pause, action('one')]);
    for (const runId of [done, cheaper, failed]) await api.finished(runId);
    await eventually(async () => {
      expect((await api.get(`/api/agents/runs/${cancelled}`)).body.status).toBe('waiting');
    });
    await api.post(`/api/agents/runs/${cancelled}/cancel`, undefined);

    const events = await eventually(async () => {
      const found = await eventsOf('metered');
      expect(found).toHaveLength(4);
      return found;
    });
    const byRun = new Map(events.map(({ detail }) => [detail.id, detail]));
    expect(events[0]).toMatchObject({
      source: 'crucibai.agents',
      'detail-type': 'Run settled',
      account: '000000000000',
    });
    const run = (await api.get(`/api/agents/runs/${done}`)).body;
    expect(byRun.get(done)).toEqual({
      id: done,
      run_id: done,
      user_id: 'metered',
      agent_id: run.agent_id,
      plan: 'free',
      status: 'success',
      triggered_by: 'manual',
      triggered_at: run.triggered_at,
      started_at: run.started_at,
      finished_at: run.finished_at,
      credits_charged: 1,
      cost_usd: 0,
    });
    expect(byRun.get(cheaper)).toMatchObject({ status: 'success', credits_charged: 1 });
    expect(byRun.get(failed)).toMatchObject({ status: 'failed' });
    expect(byRun.get(cancelled)).toMatchObject({ status: 'cancelled', credits_charged: 0 });
    const told = [...byRun.values()].reduce((sum, { credits_charged }) => sum + credits_charged, 0);
    expect((await api.get('/api/usage')).body.credits).toEqual({
      balance: 200 - told,
      reserved: 0,
    });
    const { days, truncated } = (await api.get('/api/usage/days')).body;
    expect(days).toHaveLength(14);
    expect(days.reduce((sum: number, day: Reply['body']) => sum + day.credits, 0)).toBe(told);
    expect(truncated).toBe(false);
  });

  it('is not told of what was never accepted', async () => {
    const api = await userOn('free', 'unmetered');
    await admin.post('/api/admin/credits', { user_id: 'unmetered', amount: -200, reason: 'none' });
    const { id } = await api.create({
      name: 'Poor',
      trigger_config: { type: 'manual' },
      actions: [action('never')],
    });

    expect((await api.post(`/api/agents/${id}/run`, {})).status).toBe(402);

    expect(await eventsOf('unmetered')).toEqual([]);
  });
});

describe('the doors of operators', () => {
  it.each([
    ['POST', '/api/admin/credits', { user_id: 'x', amount: 1, reason: 'r' }],
    ['PUT', '/api/admin/accounts/x', { plan: 'pro' }],
  ])('%s %s is closed to other roles', async (method, path, body) => {
    const api = await userOn('free', 'nobody-special');

    const { status, body: answer } = await api.request(method, path, body);

    expect(status).toBe(403);
    expect(answer.error.code).toBe('forbidden');
  });

  it('can refuse a user who has an account', async () => {
    const path = '/api/admin/accounts/only-once';
    const headers = { 'if-none-match': '*' };

    const first = await admin.request('PUT', path, { plan: 'builder' }, { headers });
    const second = await admin.request('PUT', path, { plan: 'pro' }, { headers });

    expect([first.status, second.status]).toEqual([200, 412]);
    expect((await (await userOn(undefined, 'only-once')).get('/api/usage')).body.plan).toBe(
      'builder',
    );
  });

  it('refuse what cannot be a user, and an amount of nothing', async () => {
    const credits = (body: object) =>
      admin.post('/api/admin/credits', { user_id: 'x', amount: 1, reason: 'r', ...body });

    const replies = [
      await credits({ user_id: 'a#b' }),
      await credits({ amount: 0 }),
      await admin.request('PUT', '/api/admin/accounts/a%23b', { plan: 'pro' }),
      await admin.request('PUT', '/api/admin/accounts/x', {}),
    ];

    expect(replies.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
  });
});

it('does not renew credits of a user who deletes the account and comes back', async () => {
  const api = await userOn('free', 'phoenix');
  await admin.post('/api/admin/credits', { user_id: 'phoenix', amount: -150, reason: 'spent' });
  expect((await api.request('DELETE', '/api/account')).status).toBe(204);

  const { body } = await api.get('/api/usage');

  expect(body).toMatchObject({ plan: 'free', credits: { balance: 50 } });
  expect((await ledger(api)).map(({ amount }) => amount)).toEqual([50]);
});

it('needs no account to be there before', async () => {
  const body = { user_id: 'not-seen-yet', amount: 5, reason: 'paid before signing up' };

  const { body: answer } = await admin.post('/api/admin/credits', body);

  expect(answer).toEqual({ user_id: 'not-seen-yet', applied: 5, balance: 205 });
  const { status } = await send(`${product.url}/api/usage`, 'GET');
  expect(status).toBe(401);
});
