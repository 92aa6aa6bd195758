import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Reply } from '#test/helpers/api-client';
import { send } from '#test/helpers/api-client';
import { CANARY, canariesFor, echo, stepUsing } from '#test/helpers/canary';
import { startProduct } from '#test/helpers/product';
import { type ReceiverAnswer, startReceiver } from '#test/helpers/receiver';
import { storedTexts } from '#test/helpers/stored-table';
import { probeAnswers } from './probe-answers.ts';

const api = await startReceiver();
const other = await startReceiver();
const product = await startProduct({ receivers: [api, other] });
const alice = await product.api('alice');
const bob = await product.api('bob');

/** What a path answers to the next request for it, instead of what it usually does. */
const nextAnswers = new Map<string, ReceiverAnswer>();

api.answer((request) => {
  const { path } = request;
  const once = nextAnswers.get(path);
  nextAnswers.delete(path);
  if (once !== undefined) return once;
  if (path === '/token') {
    const given = new URLSearchParams(request.body);
    if (request.body.includes('wrong')) {
      return { status: 401, body: { error: 'invalid_client', error_description: CANARY } };
    }
    return { body: { access_token: `${CANARY}.token.${given.get('grant_type')}`, expires_in: 60 } };
  }
  if (path === '/plain') return { body: { ok: true } };
  if (path === '/elsewhere') return { status: 307, headers: { location: `${other.url}/taken` } };
  if (path === '/refuses') return { status: 403, ...echo(request) };
  if (path === '/busy') return { status: 503, ...echo(request) };
  return echo(request);
});
other.answer(echo);

const ORIGIN = `http://127.0.0.1:${api.port}`;
const { bodies, spellings } = canariesFor(ORIGIN);
const kinds = Object.keys(bodies);
const httpKinds = kinds.filter((kind) => kind.startsWith('http_'));

async function connect(kind: string, change: object = {}): Promise<string> {
  const body = { kind, name: `My ${kind}`, ...bodies[kind], ...change };
  const reply = await alice.post('/api/connections', body);
  expect(reply.status, JSON.stringify(reply.body)).toBe(201);
  return reply.body.id;
}

const calling = (connection_id: string, path: string, config: object = {}) => ({
  name: 'Calling',
  trigger_config: { type: 'manual' },
  settings: { retry: { max_attempts: 2, initial_delay_seconds: 0 } },
  actions: [
    {
      type: 'http',
      config: { url: `${ORIGIN}${path}`, method: 'POST', auth: { connection_id }, ...config },
    },
  ],
});

/** Everything that its owner can see of a run. */
async function run(definition: object, body: unknown = {}) {
  const { id } = await alice.create(definition);
  const { body: opened } = await alice.post(`/api/agents/${id}/run`, body);
  const finished = await alice.finished(opened.run_id);
  const log = await alice.get(`/api/agents/runs/${opened.run_id}/logs`);
  return { ...finished, log: log.body.items };
}

function expectHidden(shown: unknown, where: string) {
  const text = JSON.stringify(shown);
  for (const spelling of spellings) expect(text.includes(spelling), where).toBe(false);
}

describe('a connection', () => {
  it.each(kinds)('of the kind %s can be stored, and is shown without its secret', async (kind) => {
    const created = await alice.post('/api/connections', { kind, name: 'Mine', ...bodies[kind] });

    expect(created.status, JSON.stringify(created.body)).toBe(201);
    expect(created.body).toMatchObject({ kind, name: 'Mine', id: expect.stringMatching(/^con_/) });
    const { body } = await alice.get('/api/connections?limit=1');
    expect(body.items).toEqual([created.body]);
    expectHidden([created.body, body], kind);
  });

  it.each<[string, object, string]>([
    ['an unknown kind', { kind: 'telepathy' }, 'kind'],
    ['a short secret', { kind: 'http_bearer', secret: { token: 'short' } }, 'secret.token'],
    [
      'a secret with a line break',
      { kind: 'http_bearer', secret: { token: 'a\nb-long-enough' } },
      'secret.token',
    ],
    ['no hosts', { kind: 'http_bearer', allowed_hosts: [] }, 'allowed_hosts'],
    ['a wildcard', { kind: 'http_bearer', allowed_hosts: ['*.example.com'] }, 'allowed_hosts[0]'],
    ['a path', { kind: 'http_bearer', allowed_hosts: ['a.example.com/x'] }, 'allowed_hosts[0]'],
    [
      'hosts that it cannot choose',
      { kind: 'resend', allowed_hosts: ['evil.example'] },
      'allowed_hosts',
    ],
    [
      'a private address',
      { kind: 'openai_compatible', settings: { base_url: 'http://169.254.169.254/' } },
      'settings.base_url',
    ],
    [
      'a private token address',
      { kind: 'http_oauth2', settings: { token_url: 'http://10.0.0.1/', client_id: 'x' } },
      'settings.token_url',
    ],
    [
      'a header of the connection',
      { kind: 'http_header', settings: { header_name: 'Host' } },
      'settings.header_name',
    ],
    [
      'a header of the message',
      { kind: 'http_header', settings: { header_name: 'Transfer-Encoding' } },
      'settings.header_name',
    ],
    [
      'a header that redirects take along',
      { kind: 'http_header', settings: { header_name: 'User-Agent' } },
      'settings.header_name',
    ],
    ['half a sender', { kind: 'resend', settings: { from: '@example' } }, 'settings.from'],
    ['two senders', { kind: 'resend', settings: { from: 'a@b.co, c@d.co' } }, 'settings.from'],
    ['half a key file', { kind: 'google_service_account', secret: { key: '{}' } }, 'secret.key'],
    ['an unknown setting', { kind: 'http_bearer', settings: { colour: 'red' } }, 'settings.colour'],
  ])('with %s is refused by the field', async (_, change, path) => {
    const { kind } = change as { kind: string };
    const body = { name: 'Bad', ...bodies[kind], ...change };

    const reply = await alice.post('/api/connections', body);

    expect(reply.status, JSON.stringify(reply.body)).toBe(400);
    const paths = reply.body.error.details.fields.map((field: { path: string }) => field.path);
    expect(paths).toContain(path);
    expectHidden(reply.body, 'error');
  });

  it('can be deleted twice, and fails the steps that name it', async () => {
    const id = await connect('http_bearer');
    const agent = await alice.create(calling(id, '/deleted'));

    expect((await alice.request('DELETE', `/api/connections/${id}`)).status).toBe(204);
    expect((await alice.request('DELETE', `/api/connections/${id}`)).status).toBe(204);

    const { body } = await alice.post(`/api/agents/${agent.id}/run`, {});
    const failed = await alice.finished(body.run_id);
    expect(failed.error).toEqual({
      code: 'action_rejected',
      message: `There is no connection ${id}: it may have been deleted. Choose another one in the step.`,
    });
    expect(api.requests.filter(({ path }) => path === '/deleted')).toEqual([]);
  });
});

describe("somebody else's connection", () => {
  it('cannot be named, as one that never was', async () => {
    const id = await connect('http_bearer');
    const never = `con_${'0'.repeat(26)}`;
    const answers = async (connection: string): Promise<Reply[]> => {
      const definition = calling(connection, '/theirs');
      const [action] = definition.actions;
      const nested = {
        ...definition,
        actions: [{ type: 'for_each', config: { items: [1], actions: [action] } }],
      };
      return Promise.all([
        bob.post('/api/agents', definition),
        bob.post('/api/agents', nested),
        bob.post('/api/agents/test-step', { action }),
      ]);
    };

    const [theirs, unknown] = [await answers(id), await answers(never)];

    const fields = (replies: Reply[]) => replies.map(({ body }) => body.error.details.fields);
    expect(
      theirs.map(({ status }) => status),
      JSON.stringify(theirs),
    ).toEqual([400, 400, 400]);
    expect(fields(theirs)).toEqual(fields(unknown));
    expect(fields(theirs)).toEqual([
      [expect.objectContaining({ path: 'actions[0].config.auth.connection_id' })],
      [expect.objectContaining({ path: 'actions[0].config.actions[0].config.auth.connection_id' })],
      [expect.objectContaining({ path: 'action.config.auth.connection_id' })],
    ]);
    expect(api.requests.filter(({ path }) => path === '/theirs')).toEqual([]);
  });

  it('cannot be chosen by data', async () => {
    const { status, body } = await bob.post('/api/agents', calling('{{trigger.body.id}}', '/x'));

    expect(status).toBe(400);
    expect(body.error.message).toContain('data cannot choose it');
  });
});

describe('a credential', () => {
  it.each([
    ['http_bearer', 'authorization', `Bearer ${CANARY}`],
    ['http_basic', 'authorization', `Basic ${Buffer.from(`ada:${CANARY}`).toString('base64')}`],
    ['http_header', 'x-api-key', CANARY],
    ['http_oauth2', 'authorization', `Bearer ${CANARY}.token.client_credentials`],
  ])('of the kind %s is sent to its host', async (kind, header, expected) => {
    const id = await connect(kind);

    const finished = await run(calling(id, `/for-${kind}`));

    expect(finished.status, JSON.stringify(finished.error)).toBe('success');
    const [request] = await api.got(`/for-${kind}`);
    expect(request?.headers[header]).toBe(expected);
    // The bounds of a run hold for what it sends with a credential, too.
    expect(request?.headers['x-crucibai-depth']).toBe('1');
    expect(finished.steps[0].output.json.credential).toContain('[secret]');
  });

  it.each(httpKinds)('of the kind %s is not sent to another host', async (kind) => {
    const id = await connect(kind);

    const finished = await run(calling(id, '', { url: `${other.url}/direct-${kind}` }));

    expect(finished.error.code).toBe('action_rejected');
    expect(finished.error.message).toContain(`may be used for ${ORIGIN}, not for`);
    expect(other.requests.filter(({ path }) => path === `/direct-${kind}`)).toEqual([]);
  });

  it.each(httpKinds)('of the kind %s is not sent after a redirect', async (kind) => {
    const id = await connect(kind);
    const before = other.requests.length;

    const finished = await run(calling(id, '/elsewhere'));

    expect(finished.status).toBe('success');
    const [request] = other.requests.slice(before);
    expect(request?.path).toBe('/taken');
    expectHidden(request, 'after the redirect');
  });

  it.each(httpKinds)('of the kind %s appears nowhere', async (kind) => {
    const id = await connect(kind);
    const body = { said: CANARY };
    const config = { body: { said: '{{trigger.body.said}}' } };

    const finished = await Promise.all(
      ['/fine', '/refuses', '/busy'].map((path) => run(calling(id, path))),
    );

    expect(finished.map(({ status }) => status)).toEqual(['success', 'failed', 'failed']);
    expectHidden(finished, kind);
    const tried = await alice.post('/api/agents/test-step', {
      action: calling(id, '/tried', config).actions[0],
      trigger: { body },
    });
    expect(tried.body.status).toBe('success');
    expectHidden(tried.body, `${kind} tried`);
  });

  it('that is refused is told without being shown', async () => {
    const settings = { token_url: `${api.url}/token`, client_id: 'wrong', client_auth: 'body' };
    const id = await connect('http_oauth2', { settings });

    const finished = await run(calling(id, '/never'));

    expect(finished.error.message).toBe(
      `127.0.0.1:${api.port} gave no access token: it answered 401 ("invalid_client"). The client ID and its secret do not belong together. Give the connection the right ones.`,
    );
    expectHidden(finished, 'refused');
  });
});

describe('in a run of several steps', () => {
  it.each(kinds)('a credential of the kind %s is used, and appears nowhere', async (kind) => {
    const before = api.requests.length;
    const connection_id = await connect(kind);
    const step = { ...stepUsing(kind, connection_id, ORIGIN), on_error: 'continue' };
    const reading = { type: 'http', config: { url: `${ORIGIN}/plain` } };

    const finished = await run({ ...calling(connection_id, '/'), actions: [step, reading] });

    expect(finished.status, JSON.stringify(finished.error)).toBe('success');
    const sent = JSON.stringify(
      api.requests.slice(before).map(({ path, headers, body }) => ({ path, headers, body })),
    );
    const basic = Buffer.from(`ada:${CANARY}`).toString('base64');
    const isUsed = [CANARY, basic, 'AWS4-HMAC'].some((credential) => sent.includes(credential));
    expect(isUsed, sent).toBe(true);
    expectHidden(finished, kind);
  });

  it('HTTP credentials too', async () => {
    const ids = await Promise.all(httpKinds.map((kind) => connect(kind)));
    const actions = ids.flatMap((id) => calling(id, '/several').actions);

    const finished = await run({ ...calling(ids[0] ?? '', '/'), actions });

    expect(finished.status, JSON.stringify(finished.error)).toBe('success');
    expectHidden(finished, 'several');
  });
});

describe('a test of a connection', () => {
  it.each<[string, object, unknown]>([
    ['http_bearer', {}, null],
    ['http_bearer', { settings: { test_url: `${ORIGIN}/fine` } }, true],
    ['http_bearer', { settings: { test_url: `${ORIGIN}/refuses` } }, false],
    ['http_bearer', { settings: { test_url: `http://127.0.0.1:${other.port}/x` } }, false],
    ['http_oauth2', {}, true],
    ['google_service_account', {}, true],
    ['google_oauth', {}, true],
    ['openai_compatible', {}, true],
    ['sendgrid', {}, true],
    ['resend', {}, true],
    ['slack_bot', {}, false],
    ['slack_webhook', {}, false],
    ['ses_identity', {}, true],
  ])('of the kind %s with %j finds %j', async (kind, change, ok) => {
    const id = await connect(kind, change);

    const { status, body } = await alice.post(`/api/connections/${id}/test`);

    expect({ status, ok: body.ok }, JSON.stringify(body)).toEqual({ status: 200, ok });
    expect(body.message).toMatch(/\S/);
    expectHidden(body, kind);
  });

  it.each(probeAnswers(`${other.url}/models`))(
    'of the kind %s that gets from %s %j finds %j: %s',
    async (kind, path, answer, ok, told) => {
      const id = await connect(kind);
      nextAnswers.set(path, answer);

      const { body } = await alice.post(`/api/connections/${id}/test`);

      expect(body).toEqual({ ok, message: expect.stringContaining(told) });
    },
  );

  it("finds this machine's own Slack", async () => {
    const url = `${product.url}/local/slack/secret-name`;
    const id = await connect('slack_webhook', { secret: { url } });

    const { body } = await alice.post(`/api/connections/${id}/test`);

    expect(body).toEqual({ ok: true, message: 'Slack knows the webhook.' });
    const { body: inbox } = await send(`${product.url}/local/slack`, 'GET');
    expect(inbox.items).toEqual([]);
  });
});

it('no secret is in the files of the machine, in what it printed, or in its documents', async () => {
  const files = readdirSync(product.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  expect(files.length).toBeGreaterThan(3);

  for (const file of files) {
    const content = readFileSync(file);
    for (const spelling of spellings) expect(content.includes(spelling), file).toBe(false);
  }
  expectHidden(product.output(), 'output');
  expectHidden((await send(`${product.url}/api/openapi.json`, 'GET')).body, 'document');
  expectHidden((await alice.get('/api/account/export')).body, 'export');
});

it('the account takes its connections with it', async () => {
  const carol = await product.api('carol');
  const body = { kind: 'http_bearer', name: 'Hers', ...bodies['http_bearer'] };
  const { body: created } = await carol.post('/api/connections', body);
  const exported = await carol.get('/api/account/export');
  expect(exported.body.items).toEqual([{ kind: 'connection', connection: created }]);

  expect((await carol.request('DELETE', '/api/account')).status).toBe(204);

  expect((await carol.get('/api/connections')).body.items).toEqual([]);
  expect((await carol.request('DELETE', `/api/connections/${created.id}`)).status).toBe(404);
});

it('no secret is in the table, where states of steps are packed', async () => {
  await product.stop();

  const texts = await storedTexts(product.dataDir);

  expect(texts.join()).toContain('[secret]');
  for (const text of texts) expectHidden(text, text.slice(0, 200));
});
