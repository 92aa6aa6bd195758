import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { startProduct } from '#test/helpers/product';
import { startReceiver } from '#test/helpers/receiver';

const receiver = await startReceiver();
const MIB = 1_024 * 1_024;
/** JSON that would exhaust the stack of whatever walks through it. */
const DEEP = '['.repeat(50_000) + ']'.repeat(50_000);
/** Every byte there is: no text has them. */
const PICTURE = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

/** Answers that no well-meaning server gives. */
const hostile: Record<string, (response: ServerResponse) => void> = {
  '/large': (response) => response.end(Buffer.alloc(11 * MIB, 'x')),
  '/endless'(response) {
    const chunk = Buffer.alloc(64 * 1_024, 'x');
    const more = () => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  },
  '/bomb'(response) {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.end(gzipSync(Buffer.alloc(200 * MIB)));
  },
  '/gzip'(response) {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' });
    response.end(gzipSync('{"packed":"gzip"}'));
  },
  '/br'(response) {
    response.writeHead(200, { 'content-encoding': 'br', 'content-type': 'application/json' });
    response.end(brotliCompressSync('{"packed":"br"}'));
  },
  '/latin'(response) {
    response.writeHead(200, { 'content-type': 'text/plain; charset=iso-8859-1' });
    response.end(Buffer.from('café', 'latin1'));
  },
  '/picture'(response) {
    response.writeHead(200, { 'content-type': 'image/png' });
    response.end(PICTURE);
  },
  '/large-picture'(response) {
    response.writeHead(200, { 'content-type': 'image/png' });
    response.end(Buffer.alloc(2 * MIB, 0xff));
  },
  '/unnamed'(response) {
    response.end(PICTURE);
  },
  '/unnamed-text'(response) {
    response.end('ünnamed');
  },
  '/no-json'(response) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"cut":');
  },
  '/deep'(response) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(DEEP);
  },
};
const server = createServer((request, response) => hostile[request.url ?? '']?.(response));
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const { port } = server.address() as AddressInfo;
const odd = `http://127.0.0.1:${port}`;

const product = await startProduct({
  env: { EGRESS_ALLOW: `127.0.0.1:${receiver.port},127.0.0.1:${port}` },
});
const alice = await product.api('alice');

async function call(config: object, body: unknown = {}, more: object = {}) {
  const { id } = await alice.create({
    name: 'Calling',
    trigger_config: { type: 'manual' },
    actions: [{ type: 'http', config, retry: { max_attempts: 1 }, ...more }],
  });
  const { body: opened } = await alice.post(`/api/agents/${id}/run`, body);
  return alice.finished(opened.run_id, 30);
}

describe('an HTTP step sends', () => {
  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])('%s', async (method) => {
    const run = await call({ method, url: `${receiver.url}/method-${method}` });

    expect(run.status).toBe('success');
    const [request] = await receiver.got(`/method-${method}`);
    expect(request?.method).toBe(method);
  });

  it('headers, query, and JSON with the types of the data', async () => {
    const run = await call(
      {
        method: 'POST',
        url: `${receiver.url}/json?a=1`,
        headers: { 'X-Source': '{{trigger.body.from}}', 'User-Agent': 'mine/1' },
        query: { q: '{{trigger.body.q}}', n: 2, yes: true },
        body: { lead: '{{trigger.body.lead}}', text: 'Score {{trigger.body.lead.score}}' },
      },
      { from: 'crm', q: 'a&b=c d', lead: { score: 7 } },
    );

    expect(run.status).toBe('success');
    const request = receiver.requests.at(-1);
    expect(request?.path).toBe('/json?a=1&q=a%26b%3Dc+d&n=2&yes=true');
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-source': 'crm',
      'user-agent': 'mine/1',
      'idempotency-key': `${run.id}:0`,
    });
    expect(request?.json).toEqual({ lead: { score: 7 }, text: 'Score 7' });
  });

  it('a form', async () => {
    const form = { email: '{{trigger.body.email}}', agree: true, n: 3 };

    await call({ method: 'POST', url: `${receiver.url}/form`, form }, { email: 'a+b@c.d & more' });

    const [request] = await receiver.got('/form');
    expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(request?.body).toBe('email=a%2Bb%40c.d+%26+more&agree=true&n=3');
  });

  it('a text as it is', async () => {
    await call(
      { method: 'PUT', url: `${receiver.url}/text`, body: '<x>{{trigger.body}}</x>' },
      'ä',
    );

    const [request] = await receiver.got('/text');
    expect(request?.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(request?.body).toBe('<x>ä</x>');
  });
});

it('a redirect that takes the body of a POST away is told in the log', async () => {
  const location = `${receiver.url}/moved`;
  receiver.answer(({ path }) => (path === '/old' ? { status: 301, headers: { location } } : {}));

  const run = await call({ method: 'POST', url: `${receiver.url}/old`, body: { n: 1 } });

  expect(run.status).toBe('success');
  expect(await receiver.got('/moved')).toMatchObject([{ method: 'GET', body: '' }]);
  const { body: log } = await alice.get(`/api/agents/runs/${run.id}/logs`);
  const message = expect.stringContaining('the POST went on as a GET without its body');
  expect(log.items).toContainEqual(expect.objectContaining({ level: 'warn', message }));
});

describe('an HTTP step gives', () => {
  it.each(['gzip', 'br'])('what came packed by %s', async (encoding) => {
    const run = await call({ url: `${odd}/${encoding}` });

    expect(run.steps[0].output.json).toEqual({ packed: encoding });
  });

  it.each([
    ['/latin', 'café'],
    ['/no-json', '{"cut":'],
    ['/unnamed-text', 'ünnamed'],
    ['/deep', DEEP],
  ])('the text of %s', async (path, text) => {
    const run = await call({ url: `${odd}${path}` });

    expect(run.steps[0]).toMatchObject({ status: 'success', output: { status: 200, text } });
  });

  it.each(['/picture', '/unnamed'])('every byte of %s, in base64', async (path) => {
    const run = await call({ url: `${odd}${path}` });

    const { output } = run.steps[0];
    expect(output).toEqual({ status: 200, headers: output.headers, base64: expect.any(String) });
    expect(Buffer.from(output.base64, 'base64').equals(PICTURE)).toBe(true);
  });

  it('the first MiB of a large picture, and says so', async () => {
    const run = await call({ url: `${odd}/large-picture` });

    const { output } = run.steps[0];
    expect(output.truncated).toBe(true);
    expect(Buffer.from(output.base64, 'base64')).toHaveLength(MIB);
  });

  it('bytes to the next step, which sends them on', async () => {
    const { id } = await alice.create({
      name: 'Copying',
      trigger_config: { type: 'manual' },
      actions: [
        { id: 'picture', type: 'http', config: { url: `${odd}/picture` } },
        {
          type: 'http',
          config: {
            method: 'PUT',
            url: `${receiver.url}/copy`,
            headers: { 'Content-Type': 'image/png' },
            body_base64: '{{steps.picture.output.base64}}',
          },
        },
      ],
    });
    const { body } = await alice.post(`/api/agents/${id}/run`, {});
    expect(await alice.finished(body.run_id)).toMatchObject({ status: 'success' });

    const [request] = await receiver.got('/copy');
    expect(request?.headers).toMatchObject({
      'content-type': 'image/png',
      'content-length': '256',
    });
    expect(request?.bytes.equals(PICTURE)).toBe(true);
  });

  it('an expected status as a success, and others as an error that says what to change', async () => {
    receiver.answer(() => ({ status: 404, body: { found: false } }));
    const url = `${receiver.url}/status`;

    const [expected, listed, unexpected, missing] = await Promise.all([
      call({ url, expect_status: 404 }),
      call({ url, expect_status: [200, 404] }),
      call({ url, expect_status: 200 }),
      call({ url }),
    ]);

    expect([expected.status, listed.status]).toEqual(['success', 'success']);
    for (const run of [unexpected, missing]) {
      expect(run.error).toEqual({
        code: 'action_rejected',
        message: expect.stringContaining('or list 404 in expect_status'),
      });
      expect(run.steps[0].output).toMatchObject({ status: 404, json: { found: false } });
    }
  });
});

describe('an HTTP step ends at', () => {
  it.each([
    ['/large', 'answered with more than 10 MiB'],
    ['/endless', 'answered with more than 10 MiB'],
    ['/bomb', 'answered with more than 10 MiB'],
  ])('what %s sends, while others go on', async (path, told) => {
    receiver.answer(() => ({ body: { ok: true } }));

    const [run, other] = await Promise.all([
      call({ url: `${odd}${path}` }),
      call({ url: `${receiver.url}/beside${path}` }),
    ]);

    expect(run.error).toEqual({ code: 'action_rejected', message: expect.stringContaining(told) });
    expect(other.status).toBe('success');
  });
});

describe('a bad HTTP step is refused when it is saved', () => {
  it.each<[object, string]>([
    [{ method: 'POST', body: 'x', form: { a: 'b' } }, 'form'],
    [{ method: 'GET', form: { a: 'b' } }, 'form'],
    [{ method: 'GET', body: 'x' }, 'body'],
    [{ method: 'POST', body_base64: 'no base64!' }, 'body_base64'],
    [{ method: 'POST', body: 'x', body_base64: 'AAAA' }, 'body_base64'],
    [{ method: 'BREW' }, 'method'],
    [{ headers: { Host: 'evil.example' } }, 'headers.Host'],
    [{ headers: { 'Transfer-Encoding': 'chunked' } }, 'headers["Transfer-Encoding"]'],
    [{ headers: { 'X Key': 'a' } }, 'headers["X Key"]'],
    [{ headers: { 'X-Key': 'a', 'x-key': 'b' } }, 'headers["x-key"]'],
    [{ expect_status: 99 }, 'expect_status'],
    [{ auth: 'con_1' }, 'auth'],
    [{ auth: { connection_id: 'con_1' } }, 'auth.connection_id'],
    [{ body_type: 'json' }, 'body_type'],
  ])('%j', async (change, field) => {
    const { status, body } = await alice.post('/api/agents', {
      name: 'Bad',
      trigger_config: { type: 'manual' },
      actions: [{ type: 'http', config: { url: 'https://api.example.com/', ...change } }],
    });

    expect(status).toBe(400);
    const paths = body.error.details.fields.map((one: { path: string }) => one.path);
    expect(paths).toContain(`actions[0].config.${field}`);
  });
});
