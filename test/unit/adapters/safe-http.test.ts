import { describe, expect, it } from 'vitest';
import { safeHttp } from '#adapters/safe-http/safe-http';
import { parseEgressAllow } from '#core/egress/egress';
import { ActionRejectedError, ActionUnavailableError } from '#core/errors';
import { bodyOf, startServer, startTcpServer } from '#test/helpers/egress-network';
import { failureOf, sendTo } from '#test/helpers/egress-send';

const policy = parseEgressAllow('127.0.0.1');

describe('an answer', () => {
  it('comes with status, headers, body and URL', async () => {
    const port = await startServer((_, response) => {
      response.setHeader('X-Request-Id', 'r1');
      response.setHeader('Set-Cookie', ['a=1', 'b=2']);
      response.writeHead(404).end('gone');
    });

    const answer = await sendTo(port);

    expect(answer).toMatchObject({
      status: 404,
      headers: { 'x-request-id': 'r1', 'set-cookie': 'a=1, b=2' },
      url: `http://127.0.0.1:${port}/path?key=s3cret`,
    });
    expect(Object.keys(answer).toSorted()).toEqual(['body', 'headers', 'status', 'url']);
    expect(Buffer.from(answer.body).toString()).toBe('gone');
  });

  it('may use any header name', async () => {
    const port = await startTcpServer((socket) =>
      socket.once('data', () =>
        socket.write(
          'HTTP/1.1 200 OK\r\n__proto__: a\r\n__proto__: b\r\nconstructor: c\r\ntoString: d\r\ncontent-length: 0\r\n\r\n',
        ),
      ),
    );

    const { headers } = await sendTo(port);

    expect({ ...headers }).toMatchObject({ constructor: 'c', tostring: 'd' });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it.each([204, 304])('%s has no body, whatever it says', async (status) => {
    const port = await startServer((_, response) =>
      response.writeHead(status, { 'content-encoding': 'gzip' }).end(),
    );
    expect(await sendTo(port)).toMatchObject({ status, body: new Uint8Array(0) });
  });

  it('to HEAD has no body, whatever it says', async () => {
    const port = await startServer((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': '99999999' }).end(),
    );
    expect(await sendTo(port, { request: { method: 'HEAD' } })).toMatchObject({ status: 200 });
  });

  it('is the final one, not 103 Early Hints', async () => {
    const port = await startServer((_, response) => {
      response.writeEarlyHints({ link: '</x.css>; rel=preload' });
      response.end('final');
    });
    expect(await sendTo(port)).toMatchObject({ status: 200 });
  });

  it('that broke off is worth another try', async () => {
    const port = await startTcpServer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf')),
    );
    await expect(sendTo(port)).rejects.toThrow(ActionUnavailableError);
  });

  it('that is not HTTP is named so, and stays out of the error', async () => {
    const port = await startTcpServer((socket) => socket.write('SSH-2.0-s3cret\r\n'));

    const error = await failureOf(sendTo(port));

    expect(error).toBeInstanceOf(ActionUnavailableError);
    expect(error.message).toBe(`127.0.0.1:${port} answered with something that is not HTTP.`);
    expect(JSON.stringify([error, error.cause, { ...(error.cause as object) }])).not.toContain(
      's3cret',
    );
  });

  it('with headers of more than 16 KiB is refused', async () => {
    const port = await startTcpServer((socket) =>
      socket.once('data', () =>
        socket.write(`HTTP/1.1 200 OK\r\n${`x: ${'y'.repeat(1000)}\r\n`.repeat(17)}\r\n`),
      ),
    );
    await expect(sendTo(port)).rejects.toThrow(ActionRejectedError);
  });
});

describe('a request', () => {
  it('arrives as it was given', async () => {
    const arrived = Promise.withResolvers<unknown>();
    const port = await startServer(async (request, response) => {
      const body = await bodyOf(request);
      arrived.resolve({ method: request.method, url: request.url, headers: request.headers, body });
      response.end();
    });

    await sendTo(port, {
      request: {
        method: 'patch',
        headers: { 'X-Latin': 'café', 'Content-Type': 'text/plain' },
        body: 'grüße',
      },
    });

    expect(await arrived.promise).toEqual({
      method: 'PATCH',
      url: '/path?key=s3cret',
      headers: {
        host: `127.0.0.1:${port}`,
        connection: 'keep-alive',
        accept: '*/*',
        'accept-encoding': 'gzip, deflate, br, zstd',
        'user-agent': 'crucibai-agents',
        'x-latin': 'café',
        'content-type': 'text/plain',
        'content-length': '7',
      },
      body: 'grüße',
    });
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    'with %s can send bytes',
    async (method) => {
      const port = await startServer(async (request, response) =>
        response.end(`${request.method} ${await bodyOf(request)}`),
      );

      const answer = await sendTo(port, { request: { method, body: new Uint8Array([97, 98]) } });

      expect(Buffer.from(answer.body).toString()).toBe(`${method} ab`);
    },
  );

  it.each([
    { method: 'GET', body: 'x' },
    { method: 'HEAD', body: 'x' },
    { method: 'CONNECT' },
    { method: 'TRACE' },
    { method: 'track' },
    { method: 'GET / HTTP/1.1\r\nX: y\r\n\r\nGET' },
    { method: '' },
  ])('of $method with body $body is refused', async (request) => {
    await expect(sendTo(8080, { request })).rejects.toThrow(ActionRejectedError);
  });

  it.each([
    ['Host', 'evil'],
    ['content-length', '3'],
    ['Transfer-Encoding', 'chunked'],
    ['Connection', 'close'],
    ['Keep-Alive', 'zzz'],
    ['Upgrade', 'websocket'],
    ['Expect', '100-continue'],
    ['TE', 'trailers'],
    ['Trailer', 'zzz'],
    ['HTTP2-Settings', 'zzz'],
    ['Proxy-Authorization', 'zzz'],
    ['Proxy-Connection', 'zzz'],
    ['X-Injected', 'a\r\nX-Evil: 1'],
    ['X-Injected', 'a\nb'],
    ['X-Injected', 'a\rb'],
    ['X-Injected', 'a\u0000b'],
    ['X-Injected', 'a\u007fb'],
    ['X-Injected', 'a\u010ab'],
    ['X-Injected', 'a\u010d\u010ab'],
    ['X-Injected', 'a\u560ab'],
    ['X-Injected', '🙂'],
  ])('may not set the header %s to %j', async (name, value) => {
    const error = await failureOf(sendTo(8080, { request: { headers: { [name]: value } } }));

    expect(error).toBeInstanceOf(ActionRejectedError);
    expect(error.message).toContain(name);
    expect(error.message).not.toContain(value);
  });

  it.each(['', ' ', 'a b', 'a:b', 'a\r\nb', 'ü', 'a\u010ab'])(
    'may not use the header name %j',
    async (name) => {
      const error = await failureOf(sendTo(8080, { request: { headers: { [name]: 'x' } } }));

      expect(error).toBeInstanceOf(ActionRejectedError);
      expect(error.message).toMatch(/^[ -~]+$/);
    },
  );

  it('may not have one header twice in different spelling', async () => {
    const headers = { 'X-Key': 'a', 'x-key': 'b' };
    await expect(sendTo(8080, { request: { headers } })).rejects.toThrow(
      'The header x-key is there twice',
    );
  });
});

describe('failure', () => {
  it('of the connection is worth another try, and names no path', async () => {
    const port = await startServer(() => {});
    const refusedPort = await startTcpServer((socket) => socket.resetAndDestroy());

    const error = await failureOf(sendTo(refusedPort));

    expect(port).toBeGreaterThan(0);
    expect(error).toBeInstanceOf(ActionUnavailableError);
    expect(error.message).toMatch(
      new RegExp(`^The connection to 127\\.0\\.0\\.1:${refusedPort} failed \\([A-Z_]+\\)\\.$`),
    );
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('of the name is worth another try', async () => {
    const http = safeHttp({
      policy,
      resolve: () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' })),
    });
    const request = { method: 'GET', url: 'https://nowhere.example.com/s3cret', headers: {} };

    const error = await failureOf(http.send(request, { signal: AbortSignal.timeout(60_000) }));

    expect(error).toBeInstanceOf(ActionUnavailableError);
    expect(error.message).toBe('The address of nowhere.example.com could not be found.');
    expect(error.cause).toMatchObject({ code: 'ENOTFOUND' });
  });

  it.each([
    { code: 'CERT_HAS_EXPIRED', kind: ActionRejectedError },
    { code: 'ERR_TLS_CERT_ALTNAME_INVALID', kind: ActionRejectedError },
    { code: 'DEPTH_ZERO_SELF_SIGNED_CERT', kind: ActionRejectedError },
    { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', kind: ActionRejectedError },
    { code: 'ECONNRESET', kind: ActionUnavailableError },
    { code: 'EHOSTUNREACH', kind: ActionUnavailableError },
    { code: 'UND_ERR_CONNECT_TIMEOUT', kind: ActionUnavailableError },
    { code: 'ERR_SSL_WRONG_VERSION_NUMBER', kind: ActionUnavailableError },
  ])('with $code while connecting is told apart', async ({ code, kind }) => {
    const http = safeHttp({
      policy,
      resolve: async () => ['93.184.216.34'],
      dial: (_, callback) => callback(Object.assign(new Error('x'), { code }), null),
    });
    const request = { method: 'GET', url: 'https://example.com/s3cret', headers: {} };

    const error = await failureOf(http.send(request, { signal: AbortSignal.timeout(60_000) }));

    expect(error).toBeInstanceOf(kind);
    expect(error.message).toContain('example.com');
  });

  it('of one request leaves others alone', async () => {
    const port = await startServer((request, response) => {
      if (request.url === '/broken') request.socket.destroy();
      else response.end('ok');
    });
    const http = safeHttp({ policy });
    const signal = AbortSignal.timeout(60_000);
    const to = (path: string) =>
      http.send({ method: 'GET', url: `http://127.0.0.1:${port}${path}`, headers: {} }, { signal });

    const broken = failureOf(to('/broken'));
    const others = await Promise.all(Array.from({ length: 50 }, () => to('/fine')));

    expect(others.map((answer) => answer.status)).toEqual(Array(50).fill(200));
    expect(await broken).toBeInstanceOf(ActionUnavailableError);
  });
});
