import { afterEach, describe, expect, it } from 'vitest';
import { apiClient, type Reply } from '#test/helpers/api-client';
import { pathWith, type Route, routes } from '#test/helpers/operations';
import { startProduct } from '#test/helpers/product';

const product = await startProduct();
const alice = await product.api('alice');
const admin = apiClient(product.url, await product.token('admin', { role: 'admin' }));
const callerOf = ({ isAdminOnly }: Route) => (isAdminOnly ? admin : alice);
const MIB = 1_048_576;
const config = { method: 'POST', url: 'https://api.example.com/leads' };
const action = { type: 'http', config };
const definition = { name: 'Good', trigger_config: { type: 'manual' }, actions: [action] };
const agent = await alice.create(definition);
const before = (await alice.get('/api/agents')).body;
const own = { agent: agent.id, run: `run_${'0'.repeat(26)}` };

// Nothing of all this may be written.
afterEach(async () => {
  expect((await alice.get('/api/agents')).body).toEqual(before);
  expect((await alice.get('/api/agents/runs')).body.items).toEqual([]);
});

function paths({ body }: Reply): string[] {
  return (body.error.details?.fields ?? []).map((field: { path: string }) => field.path);
}

function expectInvalid(reply: Reply, path: string): void {
  expect(reply.status, JSON.stringify(reply.body)).toBe(400);
  expect(reply.body.error.code).toBe('invalid_request');
  expect(paths(reply)).toContain(path);
  for (const { message } of reply.body.error.details.fields) expect(message).toMatch(/\S/);
}

const withAction = (changes: object) => ({ actions: [{ ...action, ...changes }] });
const withConfig = (changes: object) => withAction({ config: { ...config, ...changes } });
const hook = (changes: object) => ({ trigger_config: { type: 'webhook', ...changes } });
const settings = (changes: object) => ({ settings: changes });
const url = 'actions[0].config.url';

/** A change that is wrong, and the path that the answer must name. */
const wrongFields: [path: string, change: object][] = [
  ['name', { name: undefined }],
  ['name', { name: null }],
  ['name', { name: '' }],
  ['name', { name: ' ' }],
  ['name', { name: 7 }],
  ['name', { name: 'x'.repeat(101) }],
  ['description', { description: null }],
  ['description', { description: 'x'.repeat(2_001) }],
  ['enabled', { enabled: 'yes' }],
  ['trigger_config', { trigger_config: undefined }],
  ['trigger_config', { trigger_config: 'webhook' }],
  ['trigger_config', { trigger_config: [] }],
  ['trigger_config.type', { trigger_config: {} }],
  ['trigger_config.type', { trigger_config: { type: 'telepathy' } }],
  ['trigger_config.auth', hook({ auth: 'rot13' })],
  ['trigger_config.secret', hook({ secret: 'short' })],
  ['trigger_config.secret', hook({ secret: 'x'.repeat(257) })],
  ['trigger_config.secret', hook({ secret: 'with spaces in it, no' })],
  ['trigger_config.secret', hook({ secret: 12_345_678_901_234_567_890n.toString().split('') })],
  ['trigger_config.extra', hook({ extra: 1 })],
  ['trigger_config.secret', { trigger_config: { type: 'manual', secret: 'a-secret-of-sixteen' } }],
  ['actions', { actions: undefined }],
  ['actions', { actions: [] }],
  ['actions', { actions: {} }],
  ['actions', { actions: Array(101).fill(action) }],
  ['actions', withConfig({ body: 'x'.repeat(110_000) })],
  ['actions[0]', { actions: ['http'] }],
  ['actions[1].type', { actions: [action, { config }] }],
  ['actions[0].type', withAction({ type: 'teleport' })],
  ['actions[0].type', withAction({ type: '__proto__' })],
  ['actions[0].id', withAction({ id: 'Not A Slug' })],
  ['actions[0].id', withAction({ id: '0' })],
  [
    'actions[1].id',
    {
      actions: [
        { ...action, id: 'same' },
        { ...action, id: 'same' },
      ],
    },
  ],
  ['actions[0].name', withAction({ name: '' })],
  ['actions[0].timeout_seconds', withAction({ timeout_seconds: 0 })],
  ['actions[0].timeout_seconds', withAction({ timeout_seconds: 601 })],
  ['actions[0].timeout_seconds', withAction({ timeout_seconds: 1.5 })],
  ['actions[0].timeout_seconds', withAction({ timeout_seconds: '5' })],
  ['actions[0].extra', withAction({ extra: true })],
  ['actions[0].config', withAction({ config: undefined })],
  ['actions[0].config', withAction({ config: null })],
  ['actions[0].config.method', withConfig({ method: 'CONNECT' })],
  ['actions[0].config.extra', withConfig({ extra: 1 })],
  ['actions[0].config.headers', withConfig({ headers: 'x' })],
  ['actions[0].config.headers.a', withConfig({ headers: { a: 1 } })],
  ['actions[0].config.headers["x-long"]', withConfig({ headers: { 'x-long': 'x'.repeat(8_193) } })],
  ['actions[0].config.query.a', withConfig({ query: { a: [] } })],
  ['actions[0].config.expect_status', withConfig({ expect_status: 99 })],
  ['actions[0].config.expect_status', withConfig({ expect_status: [] })],
  [url, withConfig({ url: undefined })],
  [url, withConfig({ url: '' })],
  [url, withConfig({ url: 'not a url' })],
  [url, withConfig({ url: '/relative' })],
  [url, withConfig({ url: 'ftp://example.com' })],
  [url, withConfig({ url: 'javascript:alert(1)' })],
  [url, withConfig({ url: 'https://user:password@example.com' })],
  [url, withConfig({ url: `https://example.com/${'x'.repeat(8_192)}` })],
  [url, withConfig({ url: 'https://example.com/{{' })],
  [url, withConfig({ url: 'https://example.com/{{trigger.body' })],
  [url, withConfig({ url: 'https://example.com/{{process.env}}' })],
  [url, withConfig({ url: 'https://example.com/{{trigger.body | shout}}' })],
  ['actions[0].config.body.a[1]', withConfig({ body: { a: ['fine', '{{ }}'] } })],
  ['actions[0].config.body', withConfig({ body: '{{steps.later.output}}' })],
  ['actions[0].config.body', withConfig({ body: '{{steps.0.output}}' })],
  ['settings', { settings: null }],
  ['settings.max_run_seconds', settings({ max_run_seconds: 0 })],
  ['settings.max_run_seconds', settings({ max_run_seconds: 86_401 })],
  ['settings.dedupe_window_seconds', settings({ dedupe_window_seconds: 59 })],
  ['settings.log_retention_days', settings({ log_retention_days: 366 })],
  ['settings.log_retention_days', settings({ log_retention_days: '90' })],
  ['settings.extra', settings({ extra: 1 })],
  // Fields that only the server sets.
  ...[
    'id',
    'user_id',
    'version',
    'revision',
    'webhook_url',
    'created_at',
    'last_run',
    'next_run_at',
    'run_counts',
    'role',
    'constructor',
  ].map((name): [string, object] => [name, { [name]: 'mine' }]),
];

describe('a field that is wrong', () => {
  it.each(wrongFields)('is named: %s, create %j', async (path, change) => {
    expectInvalid(await alice.post('/api/agents', { ...definition, ...change }), path);
  });

  it.each(wrongFields.filter(([, change]) => !Object.values(change).includes(undefined)))(
    'is named: %s, update %j',
    async (path, change) => {
      expectInvalid(await alice.request('PATCH', `/api/agents/${agent.id}`, change), path);
    },
  );

  it('is named with all the others', async () => {
    const reply = await alice.post('/api/agents', {
      ...definition,
      name: '',
      enabled: 1,
      extra: 1,
    });

    expect(paths(reply).toSorted()).toEqual(['enabled', 'extra', 'name']);
  });

  it('names all that is wrong at once: the trigger, each step, each field of a step', async () => {
    const body = {
      trigger_config: { type: 'schedule', run_at: '2020-01-01T00:00:00Z' },
      actions: [
        {
          type: 'http',
          config: { method: 'POST', url: 'http://169.254.169.254/', body: '{{triger.body}}' },
        },
        { type: 'email', config: { subject: 'No recipient', body: '{{steps.later}}' } },
      ],
    };
    const wrong = [
      'trigger_config.run_at',
      'actions[0].config.body',
      'actions[0].config.url',
      'actions[1].config.to',
      'actions[1].config.body',
    ];

    const created = await alice.post('/api/agents', { ...definition, ...body });
    const patched = await alice.request('PATCH', `/api/agents/${agent.id}`, body);

    expect(paths(created).toSorted()).toEqual(wrong.toSorted());
    expect(paths(patched).toSorted()).toEqual(wrong.toSorted());
  });

  it('leaves the good fields of the same update unwritten', async () => {
    const body = { name: 'Half', description: 'half', ...withConfig({ url: 'http://localhost/' }) };

    expectInvalid(await alice.request('PATCH', `/api/agents/${agent.id}`, body), url);
  });
});

const bodied = routes.filter(({ takesBody }) => takesBody);

describe.each(bodied)('a body of $method $path', (route) => {
  const { method, path } = route;
  const call = (raw: string | Uint8Array<ArrayBuffer>, type: string | null = 'application/json') =>
    callerOf(route).request(method, pathWith(path, own), undefined, {
      raw,
      headers: type === null ? {} : { 'content-type': type },
    });

  it.each(['{', '{"name":}', "{'name':1}", '{"name":"x",}', 'name=x', '\u0000', '[1', 'NaN'])(
    'that is not JSON is refused: %j',
    async (raw) => {
      const { status, body } = await call(raw);

      expect(status).toBe(400);
      expect(body.error).toMatchObject({
        code: 'invalid_request',
        message: expect.stringMatching(/JSON/),
      });
    },
  );

  it.each([
    '{"__proto__":{"isAdmin":true}}',
    '{"name":"x","settings":{"__proto__":{}}}',
    '{"\\u005f_proto__":{"isAdmin":true}}',
  ])('that reaches for the prototype is refused: %s', async (raw) => {
    expect((await call(raw)).status).toBe(400);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonx',
  ])('of type %s is refused', async (type) => {
    const { status, body } = await call(JSON.stringify(definition), type);

    expect(status).toBe(415);
    expect(body.error).toMatchObject({ code: 'unsupported_media_type' });
  });

  it('of more than 1 MiB is refused', async () => {
    const { status, body } = await call(JSON.stringify('x'.repeat(MIB - 1)));

    expect(status).toBe(413);
    expect(body.error.code).toBe('payload_too_large');
  });

  it('that no door takes is refused', async () => {
    expect((await call(JSON.stringify('x'.repeat(11 * MIB)))).status).toBe(413);
  });

  it.each([101, 4_000, 50_000])('that is nested %i levels deep is refused', async (levels) => {
    const { status } = await call(`{"name":${'['.repeat(levels)}${']'.repeat(levels)}}`);

    // Some doors take bodies that are smaller than this one.
    expect([400, 413]).toContain(status);
  });
});

describe.each(['[]', '"text"', '7', 'null', 'true'])('a body %s instead of an object', (raw) => {
  it('is refused', async () => {
    const headers = { 'content-type': 'application/json' };
    const answers = [
      await alice.request('POST', '/api/agents', undefined, { raw, headers }),
      await alice.request('PATCH', `/api/agents/${agent.id}`, undefined, { raw, headers }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([400, 400]);
  });
});

it('a body that no operation has a use for is refused, an empty one is not', async () => {
  const path = `/api/agents/${agent.id}/enable`;

  expectInvalid(await alice.post(path, { enabled: false }), 'enabled');
  expect((await alice.post('/api/agents/x/enable', {})).status).toBe(404);
});

it('a body of nothing but fields that do not exist is refused, and the answer can be sent', async () => {
  const fields = Array.from({ length: 90_000 }, (_, index) => [`f${index}`, 0]);

  const reply = await alice.post(
    `/api/agents/${agent.id}/rotate-secret`,
    Object.fromEntries(fields),
  );

  expectInvalid(reply, 'f0');
  expect(reply.body.error.message).toContain('(and 89999 more)');
  expect(paths(reply)).toHaveLength(100);
});

describe('a body that is missing', () => {
  it.each([
    ['POST', '/api/agents'],
    ['PATCH', `/api/agents/${agent.id}`],
  ])('is refused by %s %s', async (method, path) => {
    expect((await alice.request(method, path)).status).toBe(400);
    expect((await alice.request(method, path, {})).status).toBe(400);
  });
});

describe('the query', () => {
  it.each(routes)('of $method $path takes no unknown parameter', async (route) => {
    const { method, path } = route;
    const reply = await callerOf(route).request(method, `${pathWith(path, own)}?surprise=1`);

    expectInvalid(reply, 'surprise');
  });

  const lists = ['/api/agents', '/api/agents/runs', `/api/agents/${agent.id}/runs`];
  it.each(lists)('of %s checks its parameters', async (path) => {
    for (const limit of ['0', '-1', '101', '1.5', 'x', '', '1e3', '1,2', 'NaN']) {
      expectInvalid(await alice.get(`${path}?limit=${limit}`), 'limit');
    }
    for (const cursor of ['x', '', 'e30', 'bnVsbA', 'x'.repeat(501)]) {
      expectInvalid(await alice.get(`${path}?cursor=${cursor}`), 'cursor');
    }
  });
});

describe('an address', () => {
  it.each(['/api', '/api/', '/api/nothing', '/api/agents/a/b/c', '/nothing.html'])(
    'that does not exist is not found: %s',
    async (path) => {
      expect((await alice.get(path)).status).toBe(404);
    },
  );

  it.each([
    ['PUT', '/api/agents'],
    ['DELETE', '/api/agents'],
    ['POST', '/api/health'],
  ])('does not take another method: %s %s', async (method, path) => {
    expect([404, 405]).toContain((await alice.request(method, path)).status);
  });
});
