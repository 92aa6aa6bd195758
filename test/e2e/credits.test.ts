import { describe, expect, it } from 'vitest';
import { accountsOf, balanceOf, ledgerOf, sumOfLedger } from '#test/helpers/accounts';
import { type ApiClient, apiClient, type Reply, send } from '#test/helpers/api-client';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import { startModelServer } from '#test/helpers/model-server';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
receiver.answer(({ path }) => ({ status: path === '/refuses' ? 422 : 200 }));
const model = await startModelServer();
const product = await startProduct({
  receivers: [receiver],
  env: { STACK_PARAMETERS: `ModelUrl=${model.baseUrl} ModelName=gpt-4.1` },
});
const accounts = await accountsOf(product);
const SECRET = 'a-secret-of-sixteen';

const call = (path: string) => ({
  type: 'http',
  config: { method: 'POST', url: `${receiver.url}${path}`, body: {} },
});

function hook(...paths: string[]) {
  return {
    name: 'Hook',
    trigger_config: { type: 'webhook', secret: SECRET },
    actions: paths.map(call),
    settings: { webhook_rate_per_minute: 1_000 },
  };
}

function deliver(url: string, headers: Record<string, string> = {}): Promise<Reply> {
  return send(url, 'POST', {}, { headers: { 'x-webhook-secret': SECRET, ...headers } });
}

async function rejectedRuns(api: ApiClient): Promise<Reply['body'][]> {
  return (await api.get('/api/agents/runs?status=rejected&limit=100')).body.items;
}

describe('credits', () => {
  it('accept exactly as many runs as they are enough for, however many come at once', async () => {
    const api = await accounts.user('ten-credits', 'pro', 10);
    const { webhook_url } = await api.create(hook('/ten'));

    const replies = await Promise.all(Array.from({ length: 200 }, () => deliver(webhook_url)));

    const count = (status: number) => replies.filter((reply) => reply.status === status).length;
    // On a busy machine the gateway may give up on an answer: the runs are what counts.
    const others = replies.filter(({ status }) => ![202, 402, 503].includes(status));
    expect(others.map(({ status, body }) => [status, body])).toEqual([]);
    const { items } = (await api.get('/api/agents/runs?limit=100')).body;
    const runs = items.filter(({ status }: Reply['body']) => status !== 'rejected');
    expect(runs).toHaveLength(10);
    expect(count(202)).toBeLessThanOrEqual(10);
    expect(replies.find(({ status }) => status === 402)?.body.error.code).toBe(
      'insufficient_credits',
    );
    for (const { id } of runs) await api.finished(id);
    expect(receiver.requests.filter(({ path }) => path === '/ten')).toHaveLength(10);
    expect(await balanceOf(api)).toBe(0);
    expect(await sumOfLedger(api)).toBe(0);
    const rows = await rejectedRuns(api);
    expect(rows.length).toBeLessThanOrEqual(2);
    expect(rows[0]).toMatchObject({ status: 'rejected', reject_reason: 'credits' });
    expect(rows.reduce((sum, row) => sum + row.reject_count, 0)).toBeGreaterThanOrEqual(count(402));
  });

  it('are taken once for a delivery that comes twice', async () => {
    const api = await accounts.user('twice', 'pro', 10);
    const { webhook_url } = await api.create(hook('/twice'));

    const replies = await Promise.all(
      Array.from({ length: 8 }, () => deliver(webhook_url, { 'idempotency-key': 'the-same' })),
    );

    expect(new Set(replies.map(({ body }) => body.run_id)).size).toBe(1);
    expect(await balanceOf(api)).toBe(9);
  });

  it('that are not used come back when the run ends', async () => {
    const api = await accounts.user('half-way', 'pro', 10);
    const { webhook_url } = await api.create(hook('/first', '/refuses', '/never', '/never'));

    const { body } = await deliver(webhook_url);
    const run = await api.finished(body.run_id);

    expect(run).toMatchObject({ status: 'failed', credits_charged: 2 });
    expect(await balanceOf(api)).toBe(8);
    const [refund, reserve] = await ledgerOf(api);
    expect(refund).toMatchObject({ kind: 'refund', amount: 2, run_id: run.id, balance_after: 8 });
    expect(reserve).toMatchObject({ kind: 'reserve', amount: -4, run_id: run.id });
  });

  it('are not taken again for another attempt', async () => {
    const api = await accounts.user('retrier', 'pro', 10);
    let tries = 0;
    receiver.answer(({ path }) => {
      if (path === '/busy') tries += 1;
      return { status: path === '/busy' && tries < 3 ? 503 : 200 };
    });
    const retry = { max_attempts: 3, initial_delay_seconds: 0 };
    const { webhook_url } = await api.create({
      ...hook('/busy'),
      settings: { webhook_rate_per_minute: 1_000, retry },
    });

    const { body } = await deliver(webhook_url);

    expect(await api.finished(body.run_id)).toMatchObject({
      status: 'success',
      credits_charged: 1,
    });
    expect(tries).toBe(3);
    expect(await balanceOf(api)).toBe(9);
    receiver.answer(({ path }) => ({ status: path === '/refuses' ? 422 : 200 }));
  });

  it('reserve the dearest way through a branch, and give back what another way does not use', async () => {
    const api = await accounts.user('brancher', 'pro', 10);
    const when = (right: string) => ({ left: '{{trigger.body.way}}', op: 'equals', right });
    const branches = [
      { when: when('long'), actions: [call('/a'), call('/b'), call('/c')] },
      { when: when('short'), actions: [call('/a')] },
    ];
    const agent = {
      name: 'Brancher',
      trigger_config: { type: 'manual' },
      actions: [{ type: 'branch', config: { branches } }],
    };
    const { id } = await api.create(agent);

    await accounts.admin.post('/api/admin/credits', {
      user_id: 'brancher',
      amount: -8,
      reason: 'too little for the dearest way',
    });
    const { status, body } = await api.post(`/api/agents/${id}/run`, { way: 'short' });

    expect(status).toBe(402);
    expect(body.error).toMatchObject({ details: { needed: 3, balance: 2 } });
  });
});

describe('a loop', () => {
  const looped = (items: unknown) => ({
    name: 'Loop',
    trigger_config: { type: 'webhook', secret: SECRET },
    actions: [{ id: 'each', type: 'for_each', config: { items, actions: [call('/each')] } }],
  });

  it('reserves what its items may cost before the first, and gives back what was not used', async () => {
    const api = await accounts.user('looper', 'pro', 10);
    const { webhook_url } = await api.create(looped([1, 2, 3, 4]));
    let calls = 0;
    let atFirst: Reply['body'];
    receiver.answer(async () => {
      calls += 1;
      if (calls === 1) atFirst = (await api.get('/api/usage')).body.credits;
      return { status: calls === 3 ? 422 : 200 };
    });

    const { body } = await deliver(webhook_url);
    const run = await api.finished(body.run_id);

    expect(atFirst).toMatchObject({ balance: 6, reserved: 4 });
    expect(run).toMatchObject({ status: 'failed', credits_charged: 3 });
    const [refund, reserve] = await ledgerOf(api);
    expect(refund).toMatchObject({ kind: 'refund', amount: 1, run_id: run.id, balance_after: 7 });
    expect(reserve).toMatchObject({ kind: 'reserve', amount: -4, run_id: run.id });
    expect((await api.get('/api/usage')).body.credits).toMatchObject({ balance: 7, reserved: 0 });
    receiver.answer(({ path }) => ({ status: path === '/refuses' ? 422 : 200 }));
  });

  it('that costs more than is left fails before its first item, and goes on once there is more', async () => {
    const api = await accounts.user('short', 'pro', 3);
    const { webhook_url } = await api.create(looped([1, 2, 3, 4]));
    const before = receiver.requests.length;

    const { body } = await deliver(webhook_url);
    const run = await api.finished(body.run_id);

    expect(run).toMatchObject({
      status: 'failed',
      credits_charged: 0,
      error: { code: 'insufficient_credits' },
    });
    expect(run.error_message).toContain('The 4 items of this loop may cost 4 credits');
    expect(receiver.requests).toHaveLength(before);
    expect(await balanceOf(api)).toBe(3);
    const grant = { user_id: 'short', amount: 1, reason: 'bought' };
    await accounts.admin.post('/api/admin/credits', grant);
    const again = await api.post(`/api/agents/runs/${run.id}/replay`, { from_step: 'each' });
    expect(await api.finished(again.body.run_id)).toMatchObject({
      status: 'success',
      credits_charged: 4,
    });
    expect(await balanceOf(api)).toBe(0);
    expect(await sumOfLedger(api)).toBe(0);
  });
});

describe("the deployment's own language model", () => {
  const ask = { agent_name: 'Content Agent', prompt: 'Write.', max_cost: 0.05 };

  it('is charged by what its tokens cost, within the max_cost that was reserved', async () => {
    const api = await accounts.user('writer', 'pro', 20);
    // 1,500 tokens of gpt-4.1 are 1.2 cents.
    model.answer(() => 'word '.repeat(1_200));
    const { id } = await api.create({
      name: 'Writer',
      trigger_config: { type: 'manual' },
      actions: [{ type: 'run_agent', config: ask }],
    });

    const { body } = await api.post(`/api/agents/${id}/run`, {});
    const run = await api.finished(body.run_id);

    expect(run).toMatchObject({ status: 'success', credits_charged: 7 });
    expect(run.cost_usd).toBeCloseTo(0.012, 3);
    expect((await ledgerOf(api)).slice(0, 3).map(({ amount }) => amount)).toEqual([3, -5, -5]);
    expect(await balanceOf(api)).toBe(13);
  });

  it('is charged for when a step is tried, too', async () => {
    const api = await accounts.user('tester', 'pro', 20);
    model.answer(() => 'word '.repeat(1_200));

    const { body } = await api.post('/api/agents/test-step', {
      action: { type: 'run_agent', config: ask },
    });

    expect(body.status).toBe('success');
    expect(await balanceOf(api)).toBe(18);
    const [back, taken] = await ledgerOf(api);
    expect(taken).toMatchObject({ kind: 'reserve', amount: -5, run_id: null });
    expect(back).toMatchObject({ kind: 'refund', amount: 3, balance_after: 18 });
  });
});

describe('without credits', () => {
  it('a manual run gets 402, and says how many are missing', async () => {
    const api = await accounts.user('poor', 'pro', 1);
    const { id } = await api.create({ ...hook('/a', '/b'), trigger_config: { type: 'manual' } });

    const { status, body } = await api.post(`/api/agents/${id}/run`, {});

    expect(status).toBe(402);
    expect(body.error.code).toBe('insufficient_credits');
    expect(body.error.details).toEqual({ needed: 2, balance: 1 });
    expect(await balanceOf(api)).toBe(1);
  });

  it('a scheduled time is a rejected run in the history, and the next one runs again', async () => {
    const api = await accounts.user('penniless', 'pro', 0);
    const run_at = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 1_000).toISOString();

    await api.create({ ...hook('/late'), trigger_config: { type: 'schedule', run_at } });

    const [row] = await eventually(async () => {
      const rows = await rejectedRuns(api);
      if (rows.length === 0) throw new Error('Nothing yet');
      return rows;
    });
    expect(row).toMatchObject({
      status: 'rejected',
      reject_reason: 'credits',
      reject_count: 1,
      triggered_by: 'schedule',
      credits_charged: 0,
    });
  });
});

describe('the quota of an hour', () => {
  it('ends with 429, its own code, the time to wait, and one row in the history', async () => {
    const api = await accounts.user('hourly', 'free');
    const { webhook_url } = await api.create({ ...hook('/hourly'), settings: {} });
    const replies: Reply[] = [];
    for (let n = 0; n < 63; n += 1) replies.push(await deliver(webhook_url));

    const statuses = replies.map(({ status }) => status);

    // A new hour may begin during the test.
    const refused = replies.filter(({ status }) => status !== 202);
    expect(statuses.slice(0, 60).every((status) => status === 202)).toBe(true);
    for (const { status, body, headers } of refused) {
      expect(status).toBe(429);
      expect(body.error).toMatchObject({
        code: 'quota_exceeded',
        details: { quota: 'hour', limit: 60 },
      });
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    const rows = await rejectedRuns(api);
    expect(rows.reduce((sum, row) => sum + row.reject_count, 0)).toBe(refused.length);
    expect((await api.get('/api/usage')).body.runs).toEqual({
      month: 63 - refused.length,
      limit: 100,
    });
  });
});

describe('a suspended user', () => {
  it('starts nothing until the suspension is lifted', async () => {
    const api = await accounts.user('suspect', 'pro');
    const { webhook_url } = await api.create(hook('/suspect'));
    const connection = {
      kind: 'http_bearer',
      name: 'Mine',
      allowed_hosts: ['localhost'],
      secret: { token: 'long-enough-token' },
    };
    const { body: kept } = await api.post('/api/connections', connection);
    const path = '/api/admin/accounts/suspect';
    await accounts.admin.request('PUT', path, { suspended: true });

    const refused = [
      await deliver(webhook_url),
      await api.post('/api/agents/test-step', { action: call('/suspect') }),
      await api.post(`/api/connections/${kept.id}/test`),
    ];

    for (const { status, body } of refused) {
      expect(status).toBe(403);
      expect(body.error.message).toContain('suspended');
    }
    expect(receiver.requests.filter((request) => request.path === '/suspect')).toEqual([]);
    await accounts.admin.request('PUT', path, { suspended: false });
    expect((await deliver(webhook_url)).status).toBe(202);
  });
});

it('T-6: killed in the middle, with half of all transactions cancelled, every sum is right', async () => {
  const dataDir = temporaryDirectory();
  const env = { FAULTS: JSON.stringify({ seed: 6, conflicts: 0.5 }) };
  const first = await startProduct({ receivers: [receiver], dataDir, env });
  const users = await accountsOf(first);
  const before = await users.user('survivor', 'pro', 60);
  const survivor = await before.create(hook('/survive', '/refuses', '/never'));
  const ten = await (await users.user('ten', 'pro', 10)).create(hook('/ten-of-many'));
  const flood = (url: string, count: number) =>
    Array.from({ length: count }, () => deliver(url).catch(() => undefined));
  const calls = [...flood(survivor.webhook_url, 40), ...flood(ten.webhook_url, 100)];
  await receiver.got('/survive', 2);
  await first.kill();
  const accepted = (await Promise.all(calls)).filter((reply) => reply?.status === 202);

  const second = await startProduct({ receivers: [receiver], dataDir, env });
  const later = ten.webhook_url.replace(first.url, second.url);
  const replies = await Promise.all(flood(later, 100));
  const of = async (user: string) => apiClient(second.url, await second.token(user));
  const runs = [...(await allOver(await of('survivor'))), ...(await allOver(await of('ten')))];

  for (const reply of replies) expect([202, 402, 503]).toContain(reply?.status);
  const ids = runs.map(({ id }) => id);
  for (const reply of [...accepted, ...replies.filter((one) => one?.status === 202)]) {
    expect(ids).toContain(reply?.body.run_id);
  }
  const tens = runs.filter(({ user_id }) => user_id === 'ten');
  expect(tens).toHaveLength(10);
  const charged = runs.reduce((sum, run) => sum + run.credits_charged, 0);
  expect(charged).toBe(10 + 2 * (runs.length - 10));
  const sums = async (user: string) => {
    const api = await of(user);
    const { credits } = (await api.get('/api/usage')).body;
    return { ...credits, ledger: await sumOfLedger(api) };
  };
  const left = 60 - (charged - 10);
  expect(await sums('ten')).toMatchObject({ balance: 0, ledger: 0 });
  expect(await sums('survivor')).toMatchObject({ balance: left, ledger: left });
}, 180_000);

/** The runs of a user that were started, once all are over. */
function allOver(api: ApiClient): Promise<Reply['body'][]> {
  return eventually(async () => {
    const { items } = (await api.get('/api/agents/runs?limit=100')).body;
    const real = items.filter((run: Reply['body']) => run.status !== 'rejected');
    for (const run of real) if (run.finished_at === null) throw new Error('Not all are over');
    return real;
  }, 90);
}
