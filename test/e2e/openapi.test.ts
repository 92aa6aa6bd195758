import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  type ApiClient,
  apiClient,
  type Reply,
  type RequestExtras,
  send,
} from '#test/helpers/api-client';
import { mutationsOf, type Schema } from '#test/helpers/mutations';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

// Everything here is read from the document, so that a new operation is tested without being named.
const receiver = await startReceiver();
const product = await startProduct({ receivers: [receiver] });
const { body: document } = await send(`${product.url}/api/openapi.json`, 'GET');
const alice = await product.api('alice');
const bob = await product.api('bob');
const admin = apiClient(product.url, await product.token('admin', { role: 'admin' }));
const SECRET = 'a-secret-of-sixteen';
const EXAMPLE_HOST = 'https://hooks.example.com';

type Parameter = { name: string; in: string; required: boolean; schema: Schema; example?: unknown };
type Content = Record<string, { schema: Schema; example?: unknown }>;
type Operation = {
  readonly path: string;
  readonly method: string;
  readonly operationId: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Record<string, { content?: Content }>;
};

const operations: Operation[] = Object.entries<Record<string, Omit<Operation, 'path' | 'method'>>>(
  document.paths,
).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    ...operation,
    path,
    method: method.toUpperCase(),
  })),
);
const isForAdmins = ({ security }: Operation) => security?.some((one) => 'bearer' in one) === true;
const guarded = operations.filter(
  (operation) => operation.security === undefined || isForAdmins(operation),
);
const named = operations.map((operation) => [operation.operationId, operation] as const);
const guardedByName = named.filter(([, operation]) => guarded.includes(operation));

type Ids = Readonly<Record<string, string>>;

/** An agent with two versions and a finished run. */
async function possessions(api: ApiClient): Promise<Ids> {
  const agent = await api.create({
    name: 'Walked',
    trigger_config: { type: 'webhook', secret: SECRET },
    actions: [{ type: 'http', config: { url: `${receiver.url}/walked` } }],
  });
  await api.request('PATCH', `/api/agents/${agent.id}`, { name: 'Walked twice' });
  const { body } = await api.post(`/api/agents/${agent.id}/run`);
  await api.finished(body.run_id);
  const { body: connection } = await api.post('/api/connections', {
    kind: 'http_bearer',
    name: 'Walked',
    allowed_hosts: ['api.example.com'],
    secret: { token: 'a-token-to-walk-with' },
  });
  const { body: key } = await api.post('/api/keys', { name: 'Walked' });
  return {
    id: agent.id,
    agent_id: agent.id,
    run_id: body.run_id,
    connection_id: connection.id,
    key_id: key.id,
    n: '1',
  };
}

const hers = await possessions(alice);

function fill(path: string, ids: Ids): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? 'somebody');
}

function bodySchema({ requestBody }: Operation): Schema | undefined {
  return requestBody?.content['application/json']?.schema;
}

/** The body of the example, aimed at the receiver. */
function exampleBody({ requestBody }: Operation): unknown {
  const { example } = requestBody?.content['application/json'] ?? {};
  if (example === undefined) return undefined;
  return JSON.parse(JSON.stringify(example).replaceAll(EXAMPLE_HOST, receiver.url));
}

/** The examples of parameters as texts, by name. */
function textsOf(parameters: readonly Parameter[]): Record<string, string> {
  return Object.fromEntries(parameters.map(({ name, example }) => [name, String(example)]));
}

function withoutRequestId({ status, body }: Reply): unknown {
  const { request_id: _, ...error } = body.error;
  return { status, error };
}

describe('the document', () => {
  it('is valid OpenAPI 3.1', async () => {
    expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true });
  });

  it('is read at /docs/api by people, with a policy that allows its style and nothing else', async () => {
    const { status, headers, body } = await send(`${product.url}/docs/api`, 'GET');

    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    for (const { operationId } of operations) expect(body).toContain(`id="${operationId}"`);
  });

  it('is where the product is', () => {
    expect(document.servers).toEqual([{ url: product.url }]);
  });
});

describe.each(guardedByName)('%s', (_, operation) => {
  const { path, method } = operation;

  it.each([
    ['no token', {}],
    ['an empty one', { authorization: 'Bearer ' }],
    ['one that is none', { authorization: 'Bearer a.b.c' }],
    ['another kind of proof', { authorization: 'Basic YWxpY2U6c2VjcmV0' }],
  ])('with %s is refused with 401', async (_kind, headers) => {
    const url = `${product.url}${fill(path, hers)}`;

    const reply = await send(url, method, exampleBody(operation), { headers });

    expect(reply.status).toBe(401);
    expect(reply.body.error.code).toBe('unauthorized');
  });
});

const forAdmins = named.filter(([, operation]) => isForAdmins(operation));

describe.each(forAdmins)('%s', (_, operation) => {
  it('is refused to other roles', async () => {
    const { method, path } = operation;

    const reply = await alice.request(method, fill(path, hers), exampleBody(operation));

    expect(reply.status).toBe(403);
    expect(reply.body.error.code).toBe('forbidden');
  });
});

const withIds = guardedByName.filter(
  ([, operation]) => operation.path.includes('{') && !isForAdmins(operation),
);

it('has operations with ids', () => {
  expect(withIds.length).toBeGreaterThan(5);
});

describe.each(withIds)("%s with somebody else's id", (_, { path, method, ...rest }) => {
  const body = exampleBody({ path, method, ...rest });

  it('answers as it does for one that never existed', async () => {
    const nobodys = {
      id: `agt_${'0'.repeat(26)}`,
      run_id: `run_${'0'.repeat(26)}`,
      connection_id: `con_${'0'.repeat(26)}`,
      key_id: `key_${'0'.repeat(26)}`,
      n: '1',
    };

    const foreign = await bob.request(method, fill(path, hers), body);
    const unknown = await bob.request(method, fill(path, nobodys), body);

    expect(foreign.status).toBe(404);
    expect(withoutRequestId(foreign)).toEqual(withoutRequestId(unknown));
  });

  it.each([
    'x',
    '%00',
    '..%2f..',
    '__proto__',
    'agt_%F0%9F%92%A5',
    'run_01kb7q4c9d2e5f8g1h3j6k7m0',
    'a'.repeat(2_000),
  ])('answers 404 for the id %.30s', async (id) => {
    const ids = { id, run_id: id, connection_id: id, key_id: id, n: id };

    const { status } = await bob.request(method, fill(path, ids), body);

    expect(status).toBe(404);
  });
});

const withFields = guardedByName.filter(([, operation]) => bodySchema(operation)?.properties);

it('has operations with fields', () => {
  expect(withFields.length).toBeGreaterThan(2);
});

describe.each(withFields)('a body of %s', (_, operation) => {
  const { method, path } = operation;
  const caller = isForAdmins(operation) ? admin : alice;
  const schema = bodySchema(operation) ?? {};
  const good = exampleBody(operation);
  const triggers = [
    { type: 'webhook' },
    { type: 'schedule', cron_expression: '0 9 * * *' },
    { type: 'manual' },
  ];
  const bases = schema.properties?.['trigger_config']
    ? triggers.map((trigger_config) => ({ ...(good as object), trigger_config }))
    : [good];

  it('with one field of another type, or one that does not exist, is refused by its name', async () => {
    const mutations = bases.flatMap((base) => mutationsOf(schema, base));
    expect(mutations.length).toBeGreaterThan(5);

    for (const mutation of mutations) {
      const reply = await caller.request(method, fill(path, hers), mutation.body);

      const told = JSON.stringify({ sent: mutation.body, got: reply.body });
      expect(reply.status, told).toBe(400);
      expect(reply.body.error.code, told).toBe('invalid_request');
      const paths = reply.body.error.details.fields.map((field: { path: string }) => field.path);
      expect(paths, told).toContain(mutation.path);
    }
  });

  it.each<[string, RequestExtras, number]>([
    ['broken JSON', { raw: '{"name":' }, 400],
    ['a list', { raw: '[]' }, 400],
    ['a text', { raw: '"x"' }, 400],
    ['null', { raw: 'null' }, 400],
    ['a name of the prototype', { raw: '{"__proto__":{"name":"x"}}' }, 400],
    ['endless nesting', { raw: '['.repeat(100_000) }, 400],
    ['another type', { raw: 'name=x', headers: { 'content-type': 'text/plain' } }, 415],
    ['more than 1 MiB', { raw: `"${'x'.repeat(1_048_576)}"` }, 413],
  ])('that is %s is refused', async (_kind, extras, expected) => {
    const headers = { 'content-type': 'application/json', ...extras.headers };

    const reply = await caller.request(method, fill(path, hers), undefined, { ...extras, headers });

    expect(reply.status).toBe(expected);
  });
});

// A webhook's query belongs to its caller.
const withQuery = named.filter(
  ([, operation]) => !operation.security?.length || isForAdmins(operation),
);

describe.each(withQuery)('a query of %s', (_, operation) => {
  const { path, method, parameters = [] } = operation;
  const caller = isForAdmins(operation) ? admin : alice;
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  const good = textsOf(inQuery.filter(({ required }) => required));
  const typed = inQuery.filter(({ schema, name }) => schema.type !== 'string' || name === 'cursor');
  const narrow = inQuery.filter(({ schema }) => schema.enum || 'format' in schema);

  it.each([...typed, ...narrow].map(({ name }) => [name]))(
    'with nonsense for %s is refused by its name',
    async (name) => {
      const query = new URLSearchParams({ ...good, [name]: 'nonsense' });

      const { status, body } = await caller.request(method, `${fill(path, hers)}?${query}`);

      expect(status).toBe(400);
      expect(body.error.details.fields).toContainEqual(expect.objectContaining({ path: name }));
    },
  );

  it('with a parameter that does not exist is refused by its name', async () => {
    const query = new URLSearchParams({ ...good, not_a_parameter: '1' });

    const { status, body } = await caller.request(method, `${fill(path, hers)}?${query}`);

    expect(status).toBe(400);
    expect(body.error.details.fields).toContainEqual(
      expect.objectContaining({ path: 'not_a_parameter' }),
    );
  });
});

/** What the document says that an answer looks like, nothing more allowed. */
function answerSchema(schema: Schema): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: document.components.schemas });
  return z.fromJSONSchema(JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')));
}

/** They need a run that is not over; tests of their own call them. */
const ABOUT_WAITING = [
  'cancelRun',
  'approveRun',
  'rejectRun',
  'readLinkedApproval',
  'decideLinkedApproval',
];
const callable = named.filter(([operationId]) => !ABOUT_WAITING.includes(operationId));

describe.each(callable)('the example of %s', (operationId, operation) => {
  const { path, method, parameters = [], responses } = operation;

  it('can be called, and is answered as the document says', async () => {
    const role = isForAdmins(operation) ? 'admin' : 'user';
    const user = apiClient(product.url, await product.token(`user-of-${operationId}`, { role }));
    const ids = await possessions(user);
    const given = (place: string) =>
      textsOf(parameters.filter((one) => one.in === place && one.example !== undefined));
    const query = new URLSearchParams(given('query'));
    const headers = given('header');

    const reply = await user.request(
      method,
      `${fill(path, { ...given('path'), ...ids })}${query.size > 0 ? `?${query}` : ''}`,
      exampleBody(operation),
      { headers: { ...headers, 'x-webhook-secret': SECRET } },
    );

    expect(reply.status, JSON.stringify(reply.body)).toBeLessThan(300);
    const documented = responses[String(reply.status)];
    expect(documented).toBeDefined();
    const json = documented?.content?.['application/json'];
    if (json === undefined) return;
    expect(answerSchema(json.schema).safeParse(reply.body).error?.issues).toBeUndefined();
  });
});

it('says of every operation that may find too much for a plan that it does', async () => {
  const name = 'downgraded';
  const trigger_config = { type: 'schedule', cron_expression: '* * * * *' };
  const actions = [{ type: 'http', config: { url: `${receiver.url}/never` } }];
  const before = apiClient(product.url, await product.token(name));
  const { id } = await before.create({ name, trigger_config, actions, enabled: false });
  await before.request('PATCH', `/api/agents/${id}`, { trigger_config: { type: 'manual' } });
  const user = apiClient(product.url, await product.token(name, { plan: 'free' }));
  const price = { url: 'https://shop.example.com/item', selector: '.price', limit: 20 };
  const overrides = { ...price, to: ['ada@example.com'], cron_expression: '* * * * *' };
  const calls: Record<string, Promise<Reply>> = {
    createAgent: user.post('/api/agents', { name, trigger_config, actions }),
    updateAgent: user.request('PATCH', `/api/agents/${id}`, { trigger_config }),
    restoreAgentVersion: user.post(`/api/agents/${id}/versions/1/restore`),
    createFromTemplate: user.post('/api/agents/from-template', {
      template_slug: 'price-watch',
      overrides,
    }),
  };

  for (const [operationId, call] of Object.entries(calls)) {
    const { status, body } = await call;
    expect(status, JSON.stringify(body)).toBe(422);
    const { responses } = operations.find((one) => one.operationId === operationId) ?? {};
    expect(Object.keys(responses ?? {}), operationId).toContain('422');
  }
});

it('has the answer of a schedule preview that the product really gives', async () => {
  const preview = operations.find(({ operationId }) => operationId === 'previewSchedule');
  const query = new URLSearchParams(textsOf(preview?.parameters ?? []));

  const { body } = await alice.get(`/api/agents/schedule/preview?${query}`);

  expect(body).toEqual(preview?.responses['200']?.content?.['application/json']?.example);
});

it('needs a token for all but a few', () => {
  const open = operations.filter((operation) => !guarded.includes(operation));
  expect(open.map(({ operationId }) => operationId).toSorted()).toEqual([
    'decideLinkedApproval',
    'deliverWebhook',
    'getDocs',
    'getHealth',
    'getOpenApi',
    'getTemplate',
    'listTemplates',
    'readLinkedApproval',
  ]);
});
