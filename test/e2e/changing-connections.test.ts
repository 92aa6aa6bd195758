import { beforeEach, describe, expect, it } from 'vitest';
import type { ApiClient } from '#test/helpers/api-client';
import { eventually } from '#test/helpers/eventually';
import { newGoogleKey } from '#test/helpers/google-key';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const [api, other] = [await startReceiver(), await startReceiver()];
const product = await startProduct({ receivers: [api, other] });
const alice = await product.api('alice');
const bob = await product.api('bob');

const OLD = 'the-token-of-before';
const NEW = 'the-token-of-afterwards';

beforeEach(() => {
  api.answer(({ path, body }) => {
    if (path !== '/token') return { body: { ok: true } };
    const scope = new URLSearchParams(body).get('scope');
    return { body: { access_token: `token-for-${scope}`, expires_in: 3_600 } };
  });
});

const bearer = {
  kind: 'http_bearer',
  name: 'CRM',
  allowed_hosts: [api.url],
  secret: { token: OLD },
};

async function connect(body: object = bearer) {
  const created = await alice.post('/api/connections', body);
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  return created.body;
}

const change = (id: string, body: object, as: ApiClient = alice) =>
  as.request('PATCH', `/api/connections/${id}`, body);

/** Runs a step that calls an address by a connection. */
async function call(id: string, url: string) {
  const agent = await alice.create({
    name: 'Caller',
    trigger_config: { type: 'manual' },
    actions: [{ type: 'http', config: { url, auth: { connection_id: id } } }],
  });
  const { body } = await alice.post(`/api/agents/${agent.id}/run`, {});
  return alice.finished(body.run_id);
}

async function credentialAt(path: string) {
  const [request] = await api.got(path);
  return request?.headers.authorization;
}

const callsOf = (path: string) => api.requests.filter((request) => request.path === path).length;
const approve = (runId: string) => alice.post(`/api/agents/runs/${runId}/approve`, {});
const waitingAt = (runId: string, path: string) =>
  eventually(async () => {
    const { body } = await alice.get('/api/agents/approvals');
    const waiting = body.items.find(
      (one: { run_id: string; step_path: string }) =>
        one.run_id === runId && one.step_path === path,
    );
    if (waiting === undefined) throw new Error(`${runId} does not ask at ${path}`);
    return waiting;
  });

describe('a connection', () => {
  it('is renamed and keeps the rest, its credential too', async () => {
    const before = await connect();

    const { status, body } = await change(before.id, { name: 'CRM, live' });
    await call(before.id, `${api.url}/renamed`);

    expect(status).toBe(200);
    expect(body).toEqual({ ...before, name: 'CRM, live', updated_at: body.updated_at });
    expect(body.version).toBe(1);
    expect(Date.parse(body.updated_at)).toBeGreaterThan(Date.parse(before.updated_at));
    expect((await alice.get('/api/connections')).body.items).toContainEqual(body);
    expect(await credentialAt('/renamed')).toBe(`Bearer ${OLD}`);
  });

  it('gets a new secret, which the next step uses and nothing shows', async () => {
    const { id } = await connect();
    await call(id, `${api.url}/rotated-before`);

    const { body } = await change(id, { secret: { token: NEW } });
    const run = await call(id, `${api.url}/rotated-after`);
    expect(body.version).toBe(2);

    expect(JSON.stringify([body, run, await alice.get('/api/connections')])).not.toContain(NEW);
    expect(await credentialAt('/rotated-before')).toBe(`Bearer ${OLD}`);
    expect(await credentialAt('/rotated-after')).toBe(`Bearer ${NEW}`);
  });

  it('has other tokens once its settings are others', async () => {
    const settings = { token_url: `${api.url}/token`, client_id: 'us', scope: 'read' };
    const { id } = await connect({
      ...bearer,
      kind: 'http_oauth2',
      settings,
      secret: { client_secret: OLD },
    });
    await call(id, `${api.url}/scoped-before`);

    const changed = await change(id, { settings: { ...settings, scope: 'write' } });
    await call(id, `${api.url}/scoped-after`);

    expect(changed.status).toBe(200);
    expect(await credentialAt('/scoped-before')).toBe('Bearer token-for-read');
    expect(await credentialAt('/scoped-after')).toBe('Bearer token-for-write');
  });

  it('keeps what its key file says, and takes it back as it was shown', async () => {
    const { text } = newGoogleKey(`${api.url}/token`);
    const shown = await connect({
      kind: 'google_service_account',
      name: 'Robot',
      secret: { key: text },
    });
    const settings = { ...shown.settings, subject: 'ada@example.com' };

    const { body } = await change(shown.id, { settings });

    expect(body.settings).toEqual(settings);
    expect(body.settings.client_email).toMatch(/@/);
  });
});

describe('a step that was approved', () => {
  it('is asked about again when its connection was changed meanwhile, also in a replay', async () => {
    const connection = await connect();
    const auth = { connection_id: connection.id };
    const agent = await alice.create({
      name: 'Payer',
      trigger_config: { type: 'manual' },
      actions: [
        { id: 'ask', type: 'approval', config: { message: 'Pay?' } },
        { id: 'pay', type: 'http', config: { url: `${api.url}/pay`, auth } },
      ],
    });
    const { body } = await alice.post(`/api/agents/${agent.id}/run`, {});
    const shown = { id: connection.id, name: 'CRM' };
    const first = await waitingAt(body.run_id, '0');
    expect(first.preview).toMatchObject([{ connections: [{ ...shown, version: 1 }] }]);

    await change(connection.id, { secret: { token: NEW } });
    expect((await approve(body.run_id)).status).toBe(200);
    const second = await waitingAt(body.run_id, '1.approval');

    expect(second.preview).toMatchObject([
      { resolved: true, connections: [{ ...shown, version: 2 }] },
    ]);
    expect(callsOf('/pay')).toBe(0);
    expect((await approve(body.run_id)).status).toBe(200);
    expect(await alice.finished(body.run_id)).toMatchObject({ status: 'success' });
    expect(await credentialAt('/pay')).toBe(`Bearer ${NEW}`);

    await change(connection.id, { secret: { token: OLD } });
    const again = await alice.post(`/api/agents/runs/${body.run_id}/replay`, { from_step: 'pay' });
    const third = await waitingAt(again.body.run_id, '1.approval');
    expect(third.preview).toMatchObject([{ connections: [{ ...shown, version: 3 }] }]);
    expect(callsOf('/pay')).toBe(1);
  });
});

describe('the next item of a loop, behind an approval that ends an item', () => {
  it('is shown, and asked about again when its connection was changed meanwhile', async () => {
    const { id: connection_id } = await connect();
    const url = `${api.url}/pay/{{item}}`;
    const pay = { id: 'pay', type: 'http', config: { url, auth: { connection_id } } };
    const ask = { id: 'ask', type: 'approval', config: { message: 'Was {{item}} paid?' } };
    const body = { items: ['ada', 'bob'], actions: [pay, ask] };
    const last = { id: 'last', type: 'http', config: { url: `${api.url}/paid` } };
    const agent = await alice.create({
      name: 'Payer of many',
      trigger_config: { type: 'manual' },
      actions: [{ id: 'each', type: 'for_each', config: body }, last],
    });
    const { run_id } = (await alice.post(`/api/agents/${agent.id}/run`, {})).body;
    const connections = [{ id: connection_id, name: 'CRM', version: 1 }];
    const config = { url: `${api.url}/pay/bob` };
    expect((await waitingAt(run_id, '0[0].1')).preview).toMatchObject([
      { id: 'pay', comes: 'next_item', resolved: true, config, connections },
    ]);

    await change(connection_id, { secret: { token: NEW } });
    expect((await approve(run_id)).status).toBe(200);
    expect((await waitingAt(run_id, '0[1].0.approval')).preview).toMatchObject([
      { id: 'pay', comes: 'next', config, connections: [{ version: 2 }] },
    ]);
    expect(callsOf('/pay/bob')).toBe(0);
    expect((await approve(run_id)).status).toBe(200);

    expect((await waitingAt(run_id, '0[1].1')).preview).toMatchObject([
      { id: 'last', comes: 'after_loop', resolved: true, config: { url: `${api.url}/paid` } },
    ]);
    expect((await approve(run_id)).status).toBe(200);
    expect((await alice.finished(run_id)).status).toBe('success');
    expect([callsOf('/pay/ada'), callsOf('/pay/bob'), callsOf('/paid')]).toEqual([1, 1, 1]);
  });
});

describe('a step whose own approval is given', () => {
  it('does not run with another version of its connection, and a replay asks again', async () => {
    const connection = await connect();
    const auth = { connection_id: connection.id };
    const agent = await alice.create({
      name: 'Careful payer',
      trigger_config: { type: 'manual' },
      actions: [
        {
          id: 'pay',
          type: 'http',
          approval_required: true,
          config: { url: `${api.url}/careful`, auth },
        },
      ],
    });
    const { body } = await alice.post(`/api/agents/${agent.id}/run`, {});
    await waitingAt(body.run_id, '0.approval');

    await change(connection.id, { secret: { token: NEW } });
    expect((await approve(body.run_id)).status).toBe(200);
    const run = await alice.finished(body.run_id);

    expect(run.status).toBe('failed');
    expect(run.error_message).toContain('"CRM" was changed after this step had been approved');
    expect(run.error_message).toContain('Replay the run from this step');
    const again = await alice.post(`/api/agents/runs/${body.run_id}/replay`, { from_step: 'pay' });
    const asked = await waitingAt(again.body.run_id, '0.approval');
    expect(asked.preview).toMatchObject([{ connections: [{ version: 2 }] }]);
    expect(callsOf('/careful')).toBe(0);
  });
});

describe('where a credential may be sent', () => {
  it('may become less without the credential', async () => {
    const { id } = await connect({ ...bearer, allowed_hosts: [api.url, other.url] });

    const { status, body } = await change(id, { allowed_hosts: [api.url] });
    const run = await call(id, `${other.url}/no-more`);

    expect({ status, hosts: body.allowed_hosts }).toEqual({ status: 200, hosts: [api.url] });
    expect(run.error.message).toContain('may be used for');
    expect(other.requests).toEqual([]);
  });

  it('becomes more only with the credential', async () => {
    const { id } = await connect();
    const allowed_hosts = [api.url, other.url];

    const refused = await change(id, { allowed_hosts });
    expect(refused.status).toBe(400);
    expect(refused.body.error.details.fields).toEqual([
      { path: 'secret', message: expect.stringContaining('Give the secret, too') },
    ]);
    expect((await call(id, `${other.url}/not-yet`)).status).toBe('failed');

    expect((await change(id, { allowed_hosts, secret: { token: OLD } })).status).toBe(200);
    expect((await call(id, `${other.url}/now`)).status).toBe('success');
    expect(other.requests.map(({ path }) => path)).toEqual(['/now']);
  });

  it.each([
    {
      kind: 'http_oauth2',
      first: { token_url: `${api.url}/token`, client_id: 'us' },
      next: { token_url: `${other.url}/token`, client_id: 'us' },
      secret: { client_secret: OLD },
      allowed_hosts: [api.url],
    },
    {
      kind: 'resend',
      first: { from: 'us@example.com', base_url: api.url },
      next: { from: 'us@example.com', base_url: other.url },
      secret: { api_key: OLD },
    },
  ])('is not turned elsewhere by a setting of $kind', async ({ kind, first, next, ...rest }) => {
    const { id } = await connect({ name: 'Service', kind, settings: first, ...rest });

    const { status, body } = await change(id, { settings: next });

    expect(status).toBe(400);
    expect(body.error.details.fields[0].path).toBe('secret');
  });
});

describe('a change is refused', () => {
  it.each<[object, string]>([
    [{ name: '' }, 'name'],
    [{ kind: 'http_basic' }, 'kind'],
    [{ secret: { token: 'short' } }, 'secret.token'],
    [{ secret: { password: NEW } }, 'secret.password'],
    [{ settings: { colour: 'red' } }, 'settings.colour'],
    [{ settings: { test_url: 'http://169.254.169.254/' } }, 'settings.test_url'],
    [{ allowed_hosts: [] }, 'allowed_hosts'],
    [{ allowed_hosts: ['*.example.com'] }, 'allowed_hosts[0]'],
  ])('%j', async (body, path) => {
    const { id } = await connect();

    const reply = await change(id, body);

    expect(reply.status).toBe(400);
    const paths = reply.body.error.details.fields.map((one: { path: string }) => one.path);
    expect(paths).toContain(path);
    expect(JSON.stringify(reply.body)).not.toContain(NEW);
  });

  it('of hosts, where the kind has its own', async () => {
    const { id } = await connect({
      kind: 'resend',
      name: 'Mail',
      settings: { from: 'us@example.com' },
      secret: { api_key: OLD },
    });

    const { status, body } = await change(id, { allowed_hosts: ['evil.example'] });

    expect(status).toBe(400);
    expect(body.error.details.fields[0].path).toBe('allowed_hosts');
  });

  it('by anybody else, as if it had never been there', async () => {
    const { id } = await connect();

    const theirs = await change(id, { name: 'Mine now' }, bob);
    const nobodys = await change(`con_${'0'.repeat(26)}`, { name: 'Mine now' }, bob);

    expect([theirs.status, nobodys.status]).toEqual([404, 404]);
    expect((await alice.get('/api/connections')).body.items).toContainEqual(
      expect.objectContaining({ id, name: 'CRM' }),
    );
  });

  it('when another one came first, so that no two are mixed', async () => {
    const { id } = await connect();

    const replies = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) => change(id, { name, secret: { token: `${NEW}-${name}` } })),
    );
    const statuses = replies.map(({ status }) => status);
    await call(id, `${api.url}/raced`);

    expect(new Set([...statuses, 200, 409])).toEqual(new Set([200, 409]));
    expect(statuses).toContain(200);
    const { body } = await alice.get('/api/connections');
    const { name } = body.items.find((one: { id: string }) => one.id === id);
    expect(await credentialAt('/raced')).toBe(`Bearer ${NEW}-${name}`);
  });

  it('once it is deleted', async () => {
    const { id } = await connect();
    await alice.request('DELETE', `/api/connections/${id}`);

    expect((await change(id, { name: 'Back' })).status).toBe(404);
  });
});
