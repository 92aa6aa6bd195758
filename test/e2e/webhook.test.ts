import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RequestExtras, send } from '#test/helpers/api-client';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
const product = await startProduct({ receivers: [receiver] });
const alice = await product.api('alice');
const SECRET = 'a-secret-of-sixteen';
const MIB = 1_048_576;

const definition = {
  name: 'Hook',
  trigger_config: { type: 'webhook', secret: SECRET },
  settings: { webhook_rate_per_minute: 1_000 },
  actions: [{ type: 'http', config: { url: `${receiver.url}/hook` } }],
};
const hook = await alice.create(definition);

const manyFields = Array.from({ length: 120_000 }, (_, index) => `f${index}`);

type Call = RequestExtras & { readonly secret?: string | null; readonly url?: string };

/** Calls the webhook; `secret: null` sends none. */
function deliver({ secret = SECRET, url = hook.webhook_url, headers, raw }: Call = {}) {
  return send(url, 'POST', undefined, {
    headers: { ...(secret !== null && { 'x-webhook-secret': secret }), ...headers },
    ...(raw !== undefined && { raw }),
  });
}

async function runsOf(agentId: string): Promise<string[]> {
  const { body } = await alice.get(`/api/agents/${agentId}/runs?limit=100`);
  return body.items.map((run: { id: string }) => run.id);
}

async function bodyOf(call: Call): Promise<unknown> {
  const { status, body } = await deliver(call);
  expect(status).toBe(202);
  return (await alice.finished(body.run_id)).trigger.body;
}

describe('T-3: the secret', () => {
  it('opens the door as a header and as a query parameter', async () => {
    const before = await runsOf(hook.id);
    const answers = [
      await deliver(),
      await deliver({ secret: null, url: `${hook.webhook_url}?secret=${SECRET}` }),
    ];

    for (const { status, body } of answers) {
      expect(status).toBe(202);
      expect(body).toEqual({ run_id: expect.stringMatching(/^run_/), duplicate: false });
    }
    const ids = await runsOf(hook.id);
    const opened = answers.map(({ body }) => body.run_id).toReversed();
    expect(ids).toEqual([...opened, ...before]);
  });

  it('is the whole address that the dashboard shows', () => {
    expect(hook.webhook_url).toBe(`${product.url}/api/agents/webhook/${hook.id}`);
  });

  it.each<[string, Call]>([
    ['missing', { secret: null }],
    ['empty', { secret: '' }],
    ['wrong, of the same length', { secret: 'b-secret-of-sixteen' }],
    ['too short', { secret: SECRET.slice(0, -1) }],
    ['too long', { secret: `${SECRET}x` }],
    ['in another case', { secret: SECRET.toUpperCase() }],
    ['masked as it is shown', { secret: `****${SECRET.slice(-4)}` }],
    [
      'wrong in the header, right in the query',
      { secret: 'wrong', url: `${hook.webhook_url}?secret=${SECRET}` },
    ],
    ['only in a Bearer header', { secret: null, headers: { authorization: `Bearer ${SECRET}` } }],
    ['given twice', { secret: null, url: `${hook.webhook_url}?secret=${SECRET}&secret=${SECRET}` }],
  ])('does not open the door when it is %s', async (_, call) => {
    const before = await runsOf(hook.id);

    const { status, body } = await deliver(call);

    expect(status).toBe(401);
    expect(body.error).toMatchObject({ code: 'unauthorized', request_id: expect.any(String) });
    expect(await runsOf(hook.id)).toEqual(before);
  });

  it('is made by the server when it is left out, and shown once', async () => {
    const made = await alice.create({ ...definition, trigger_config: { type: 'webhook' } });
    const { secret } = made.trigger_config;

    expect(secret.length).toBeGreaterThanOrEqual(32);
    const again = await alice.get(`/api/agents/${made.id}`);
    expect(again.body.trigger_config.secret).toBe(`****${secret.slice(-4)}`);
    expect((await deliver({ url: made.webhook_url, secret })).status).toBe(202);
  });
});

describe('the agent', () => {
  it.each(['agt_00000000000000000000000000', 'nonsense', 'agt_%2e%2e', '__proto__'])(
    'is unknown as %s: 404',
    async (id) => {
      const { status, body } = await deliver({ url: `${product.url}/api/agents/webhook/${id}` });

      expect(status).toBe(404);
      expect(body.error.code).toBe('not_found');
    },
  );

  it('starts no run while it is disabled', async () => {
    const { id, webhook_url } = await alice.create({ ...definition, enabled: false });

    const refused = await deliver({ url: webhook_url });
    expect(refused.status).toBe(409);
    expect(refused.body.error.message).toContain('Enable it');
    expect((await deliver({ url: webhook_url, secret: 'wrong' })).status).toBe(401);
    expect(await runsOf(id)).toEqual([]);

    await alice.post(`/api/agents/${id}/enable`);
    expect((await deliver({ url: webhook_url })).status).toBe(202);
  });

  it('takes no call once it is deleted', async () => {
    const { id, webhook_url } = await alice.create(definition);
    await alice.request('DELETE', `/api/agents/${id}`);

    expect((await deliver({ url: webhook_url })).status).toBe(404);
  });

  it('has no webhook when its trigger is manual', async () => {
    const { id, webhook_url } = await alice.create({
      ...definition,
      trigger_config: { type: 'manual' },
    });

    expect(webhook_url).toBeNull();
    expect((await deliver({ url: `${product.url}/api/agents/webhook/${id}` })).status).toBe(404);
  });
});

describe('the body', () => {
  const json = { 'content-type': 'application/json' };

  it('may have 1 MiB', async () => {
    const raw = JSON.stringify('x'.repeat(MIB - 2));
    expect(Buffer.byteLength(raw)).toBe(MIB);

    expect(await bodyOf({ raw, headers: json })).toBe('x'.repeat(MIB - 2));
  });

  it('may not have a byte more', async () => {
    const before = await runsOf(hook.id);
    const raw = JSON.stringify('x'.repeat(MIB - 1));

    const { status, body } = await deliver({ raw, headers: json });

    expect(status).toBe(413);
    expect(body.error.code).toBe('payload_too_large');
    expect(await runsOf(hook.id)).toEqual(before);
  });

  it.each<[string, Call, unknown]>([
    ['JSON', { raw: '{"a":[1,null,"x"]}', headers: json }, { a: [1, null, 'x'] }],
    [
      'JSON of another name',
      { raw: '{"a":1}', headers: { 'content-type': 'application/ld+json' } },
      { a: 1 },
    ],
    [
      'JSON behind a byte order mark, as some programs write it',
      { raw: '\ufeff{"a":1}', headers: json },
      { a: 1 },
    ],
    [
      'a form',
      {
        raw: 'name=Ada+L&tag=a&tag=b&sum=1%2B1',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
      { name: 'Ada L', tag: ['a', 'b'], sum: '1+1' },
    ],
    [
      'text',
      { raw: 'grüße {"a":1}', headers: { 'content-type': 'text/plain; charset=utf-8' } },
      'grüße {"a":1}',
    ],
    [
      'bytes',
      {
        raw: new Uint8Array([0, 255, 128]),
        headers: { 'content-type': 'application/octet-stream' },
      },
      { content_type: 'application/octet-stream', base64: 'AP+A' },
    ],
    [
      'a form of many fields',
      {
        raw: manyFields.map((name) => `${name}=`).join('&'),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
      Object.fromEntries(manyFields.map((name) => [name, ''])),
    ],
    ['nothing', {}, null],
  ])('is kept as %s', async (_, call, expected) => {
    expect(await bodyOf(call)).toEqual(expected);
  });

  it.each([101, 4_000, 200_000])('is refused when it is nested %i levels deep', async (levels) => {
    const raw = `${'['.repeat(levels)}${']'.repeat(levels)}`;

    const { status, body } = await deliver({ raw, headers: json });

    expect(status).toBe(400);
    expect(body.error.message).toContain('100 levels');
  });

  it('may be nested 100 levels deep, with brackets in its texts', async () => {
    const raw = `${'['.repeat(100)}"[[\\"{\\\\"${']'.repeat(100)}`;

    expect(await bodyOf({ raw, headers: json })).toEqual(JSON.parse(raw));
  });

  it('is refused when it says JSON and is not', async () => {
    const before = await runsOf(hook.id);

    const { status, body } = await deliver({ raw: '{"a":', headers: json });

    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('JSON'),
    });
    expect(await runsOf(hook.id)).toEqual(before);
  });
});

describe('Idempotency-Key', () => {
  const keyed = (key: string, value: number): Call => ({
    raw: JSON.stringify({ value }),
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
  });

  it('makes a repeated call the same run', async () => {
    const { id, webhook_url } = await alice.create(definition);
    const call = { ...keyed('order-1', 1), url: webhook_url };

    const first = await deliver(call);
    const repeats = await Promise.all([deliver(call), deliver(call), deliver(call)]);

    expect(first.body.duplicate).toBe(false);
    for (const repeat of repeats) {
      expect(repeat.status).toBe(202);
      expect(repeat.body).toEqual({ run_id: first.body.run_id, duplicate: true });
    }
    expect(await runsOf(id)).toHaveLength(1);
  });

  it('makes one run of calls that arrive at once', async () => {
    const { id, webhook_url } = await alice.create(definition);
    const call = { ...keyed('at-once', 1), url: webhook_url };

    const answers = await Promise.all(Array.from({ length: 20 }, () => deliver(call)));

    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(202));
    expect(new Set(answers.map(({ body }) => body.run_id)).size).toBe(1);
    expect(answers.filter(({ body }) => !body.duplicate)).toHaveLength(1);
    expect(await runsOf(id)).toHaveLength(1);
  });

  it('is refused with another body', async () => {
    expect((await deliver(keyed('order-2', 1))).status).toBe(202);

    const { status, body } = await deliver(keyed('order-2', 2));

    expect(status).toBe(409);
    expect(body.error.code).toBe('conflict');
  });

  it('belongs to one agent', async () => {
    const { webhook_url } = await alice.create(definition);
    const first = await deliver(keyed('order-3', 1));

    const other = await deliver({ ...keyed('order-3', 1), url: webhook_url });

    expect(other.body.duplicate).toBe(false);
    expect(other.body.run_id).not.toBe(first.body.run_id);
  });

  it.each(['', 'with space', 'x'.repeat(256)])('is refused when it is "%.20s"', async (key) => {
    const { status, body } = await deliver(keyed(key, 1));

    expect(status).toBe(400);
    expect(body.error.message).toContain('Idempotency-Key');
  });
});

describe.each(['webhook-id', 'X-GitHub-Delivery'])('%s', (name) => {
  const delivered = (id: string, value: number): Call => ({
    raw: JSON.stringify({ value }),
    headers: { 'content-type': 'application/json', [name]: id },
  });

  it('makes a repeated delivery the same run, although the secret does not sign it', async () => {
    const first = await deliver(delivered(`${name}-1`, 1));
    const changed = await deliver(delivered(`${name}-1`, 2));
    const other = await deliver(delivered(`${name}-2`, 1));

    expect(first.body.duplicate).toBe(false);
    expect(changed.status).toBe(202);
    expect(changed.body).toEqual({ run_id: first.body.run_id, duplicate: true });
    expect(other.body.duplicate).toBe(false);
  });

  it('gives way to an Idempotency-Key', async () => {
    const call = delivered(`${name}-3`, 1);
    const keyed = (key: string) => ({
      ...call,
      headers: { ...call.headers, 'idempotency-key': key },
    });

    const answers = [await deliver(keyed(`${name}-a`)), await deliver(keyed(`${name}-b`))];

    expect(answers.map(({ body }) => body.duplicate)).toEqual([false, false]);
  });
});

describe('what is kept of a call', () => {
  it('is the headers and the query, without what proves who called', async () => {
    const { body } = await deliver({
      url: `${hook.webhook_url}?secret=${SECRET}&campaign=spring`,
      headers: {
        authorization: 'Bearer do-not-keep-this-token',
        cookie: 'session=do-not-keep-this-cookie',
        'proxy-authorization': 'Basic do-not-keep-this-proxy',
        'x-hub-signature-256': 'sha256=do-not-keep-this-signature',
        'X-Custom': 'keep me',
      },
    });
    const run = await alice.finished(body.run_id);

    expect(run.trigger.query).toEqual({ campaign: 'spring' });
    expect(run.trigger.headers).toMatchObject({ 'x-custom': 'keep me' });
    expect(JSON.stringify(run)).not.toMatch(/do-not-keep|a-secret-of/);
    const names = Object.keys(run.trigger.headers);
    expect(names).not.toContain('authorization');
    expect(names).not.toContain('cookie');
    expect(names).not.toContain('x-webhook-secret');
  });

  it('holds no secret anywhere in the data directory', () => {
    const holders = readdirSync(product.dataDir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => /do-not-keep|a-secret-of-sixteen/.test(readFileSync(file, 'latin1')));

    expect(holders).toEqual([]);
  });
});
