import { describe, expect, it } from 'vitest';
import { accountsOf, balanceOf, ledgerOf } from '#test/helpers/accounts';
import { apiClient, send } from '#test/helpers/api-client';
import { eventually } from '#test/helpers/eventually';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const SECRET = 'a-secret-of-sixteen';
const receiver = await startReceiver();
const product = await startProduct({ receivers: [receiver] });
const accounts = await accountsOf(product);
const { admin } = accounts;

const post = (path: string) => ({
  type: 'http',
  config: { method: 'POST', url: `${receiver.url}${path}`, body: {} },
});

/** Acts about an account, oldest first. */
async function actsOf(path: string, api = admin): Promise<{ action: string }[]> {
  const { status, body } = await api.get(path);
  expect(status).toBe(200);
  return body.items.toReversed();
}

describe('a pause', () => {
  it('keeps every trigger and starts nothing; what it kept starts by itself', async () => {
    const api = await product.api('paula');
    const hooked = await api.create({
      name: 'Hooked',
      trigger_config: { type: 'webhook', secret: SECRET },
      actions: [post('/single')],
    });
    const several = await api.create({
      name: 'Several',
      trigger_config: { type: 'manual' },
      actions: [post('/first'), post('/second')],
    });
    const slow = await api.create({
      name: 'Slow',
      trigger_config: { type: 'manual' },
      actions: [post('/slow'), post('/after-slow')],
    });
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    receiver.answer(({ path }) => (path === '/slow' ? held.then(() => ({})) : {}));
    const inFlight = await api.post(`/api/agents/${slow.id}/run`, {});
    await receiver.got('/slow', 1);

    const paused = await admin.post('/api/admin/pause', { paused: true, reason: 'a provider' });
    expect(paused.body).toMatchObject({ paused: true, reason: 'a provider', by: 'operator' });
    expect((await send(`${product.url}/api/health?deep=1`, 'GET')).body.dispatch).toBe('paused');
    letGo();
    const headers = { 'x-webhook-secret': SECRET };
    const called = await send(hooked.webhook_url, 'POST', {}, { headers });
    const started = await api.post(`/api/agents/${several.id}/run`, {});
    expect([called.status, started.status]).toEqual([202, 202]);
    // Longer than an idle machine takes to start what it has.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const requests = receiver.requests.map(({ path }) => path);
    expect(requests).toEqual(['/slow']);
    for (const id of [called.body.run_id, started.body.run_id]) {
      expect((await api.get(`/api/agents/runs/${id}`)).body.status).toBe('queued');
    }

    expect((await admin.post('/api/admin/pause', { paused: false })).status).toBe(200);
    for (const { body } of [called, started, inFlight]) {
      expect((await api.finished(body.run_id, 30)).status).toBe('success');
    }
    const all = receiver.requests.map(({ path }) => path).toSorted();
    expect(all).toEqual(['/after-slow', '/first', '/second', '/single', '/slow']);
    expect((await admin.get('/api/admin/pause')).body.paused).toBe(false);
    const acts = await actsOf('/api/admin/audit');
    expect(acts.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['dispatch.paused', 'dispatch.resumed']),
    );
  });

  it('is for admins', async () => {
    const api = await product.api('paula');
    for (const path of ['/api/admin/pause', '/api/admin/audit']) {
      expect((await api.get(path)).status).toBe(403);
    }
    expect((await api.post('/api/admin/pause', { paused: true })).status).toBe(403);
  });
});

describe('an adjustment of credits', () => {
  it('is made once for its Idempotency-Key, however often it is asked for', async () => {
    const api = await accounts.user('quentin', 'builder', 10);
    const body = { user_id: 'quentin', amount: 5, reason: 'order 1' };
    const headers = { 'idempotency-key': 'order-1' };

    const answers = await Promise.all(
      Array.from({ length: 5 }, () => admin.post('/api/admin/credits', body, { headers })),
    );

    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 200, body: { applied: 5, balance: 15 } });
    }
    expect(await balanceOf(api)).toBe(15);
    const entries = (await ledgerOf(api)).filter(({ reason }) => reason === 'order 1');
    expect(entries).toHaveLength(1);
    const other = await admin.post('/api/admin/credits', { ...body, amount: 6 }, { headers });
    expect(other.status).toBe(409);
    const without = await admin.post('/api/admin/credits', body);
    expect(without.body).toMatchObject({ applied: 5, balance: 20 });
  });
});

describe('the audit log', () => {
  it('tells a user who did what about the account, and never a secret', async () => {
    await accounts.user('rosa', 'builder');
    const token = await product.token('rosa', { email: 'rosa@example.com' });
    const api = apiClient(product.url, token);
    await admin.post('/api/admin/credits', { user_id: 'rosa', amount: 3, reason: 'thanks' });
    const made = await api.post('/api/connections', {
      kind: 'http_bearer',
      name: 'Shop',
      allowed_hosts: ['api.example.com'],
      secret: { token: 'a-token-nobody-may-see' },
    });
    await api.request('DELETE', `/api/connections/${made.body.id}`);
    const agent = await api.create({
      name: 'Hooked',
      trigger_config: { type: 'webhook' },
      actions: [{ type: 'approval', config: { message: 'Go on?' } }, post('/approved')],
    });
    const rotated = await api.post(`/api/agents/${agent.id}/rotate-secret`, {});
    const { body: run } = await api.post(`/api/agents/${agent.id}/run`, {});
    await eventually(async () => {
      expect(
        (await api.post(`/api/agents/runs/${run.run_id}/approve`, { comment: 'Sure' })).status,
      ).toBe(200);
    });
    const changes = [
      { trigger_config: { type: 'webhook', secret: 'chosen-by-hand-16' } },
      { enabled: false },
      { enabled: true },
      { name: 'Renamed' },
    ];
    for (const change of changes) {
      expect((await api.request('PATCH', `/api/agents/${agent.id}`, change)).status).toBe(200);
    }
    await api.post(`/api/agents/${agent.id}/disable`);
    await api.request('DELETE', `/api/agents/${agent.id}`);

    const acts = await actsOf('/api/account/audit', api);

    expect(acts.map(({ action }) => action).filter((one) => one !== 'account.changed')).toEqual([
      'credits.adjusted',
      'connection.created',
      'connection.deleted',
      'webhook_secret.rotated',
      'approval.approved',
      'webhook_secret.rotated',
      'agent.disabled',
      'agent.enabled',
      'agent.disabled',
      'agent.deleted',
    ]);
    const ofAction = (action: string) => acts.find((act) => act.action === action);
    expect(ofAction('credits.adjusted')).toMatchObject({
      actor: { kind: 'admin', user_id: 'operator' },
      details: { applied: 3, reason: 'thanks' },
    });
    expect(ofAction('connection.created')).toMatchObject({
      actor: { kind: 'user', user_id: 'rosa', email: 'rosa@example.com' },
      ip: expect.stringMatching(/127\.0\.0\.1|::1/),
      target: made.body.id,
      details: { kind: 'http_bearer', name: 'Shop' },
    });
    expect(ofAction('approval.approved')).toMatchObject({
      target: run.run_id,
      details: { agent_id: agent.id, agent_name: 'Hooked', step: '0', comment: 'Sure' },
    });
    const text = JSON.stringify(acts);
    const secrets = [
      'a-token-nobody-may-see',
      rotated.body.trigger_config.secret,
      'chosen-by-hand',
    ];
    for (const secret of secrets) {
      expect(text).not.toContain(secret);
    }
    expect(await actsOf('/api/admin/audit?user_id=rosa')).toEqual(acts);
    const sam = await product.api('sam');
    expect(JSON.stringify(await actsOf('/api/account/audit', sam))).not.toContain('rosa');
  });
});
