import { setTimeout as wait } from 'node:timers/promises';
import {
  brotliCompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { SafeHttpLimits } from '#adapters/safe-http/limits';
import { safeHttp } from '#adapters/safe-http/safe-http';
import { parseEgressAllow } from '#core/egress';
import { ActionRejectedError, ActionUnavailableError, ClaimLostError } from '#core/errors';
import type { OutgoingRequest } from '#core/http';
import { bodyOf, memoryGrowth, startServer, startTcpServer } from '#test/helpers/egress-network';

const policy = parseEgressAllow('127.0.0.1');
const MIB = 1024 ** 2;

/** Sends to a loopback port. */
function send(
  port: number,
  request: Partial<OutgoingRequest> = {},
  limits: Partial<SafeHttpLimits> = {},
  signal: AbortSignal = AbortSignal.timeout(60_000),
) {
  const whole = { method: 'GET', url: `http://127.0.0.1:${port}/path?key=s3cret`, headers: {} };
  return safeHttp({ policy, limits }).send({ ...whole, ...request }, { signal });
}

async function failureOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error('it did not fail'),
    (error) => error,
  );
}

describe('an answer', () => {
  it('comes with status, headers, body and URL', async () => {
    const port = await startServer((_, response) => {
      response.setHeader('X-Request-Id', 'r1');
      response.setHeader('Set-Cookie', ['a=1', 'b=2']);
      response.writeHead(404).end('gone');
    });

    const answer = await send(port);

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

    const { headers } = await send(port);

    expect({ ...headers }).toMatchObject({ constructor: 'c', tostring: 'd' });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it.each([204, 304])('%s has no body, whatever it says', async (status) => {
    const port = await startServer((_, response) =>
      response.writeHead(status, { 'content-encoding': 'gzip' }).end(),
    );
    expect(await send(port)).toMatchObject({ status, body: new Uint8Array(0) });
  });

  it('to HEAD has no body, whatever it says', async () => {
    const port = await startServer((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': '99999999' }).end(),
    );
    expect(await send(port, { method: 'HEAD' })).toMatchObject({ status: 200 });
  });

  it('is the final one, not 103 Early Hints', async () => {
    const port = await startServer((_, response) => {
      response.writeEarlyHints({ link: '</x.css>; rel=preload' });
      response.end('final');
    });
    expect(await send(port)).toMatchObject({ status: 200 });
  });

  it('that broke off is worth another try', async () => {
    const port = await startTcpServer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf')),
    );
    await expect(send(port)).rejects.toThrow(ActionUnavailableError);
  });

  it('that is not HTTP is named so, and stays out of the error', async () => {
    const port = await startTcpServer((socket) => socket.write('SSH-2.0-s3cret\r\n'));

    const error = await failureOf(send(port));

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
    await expect(send(port)).rejects.toThrow(ActionRejectedError);
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

    await send(port, {
      method: 'patch',
      headers: { 'X-Latin': 'café', 'Content-Type': 'text/plain' },
      body: 'grüße',
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

      const answer = await send(port, { method, body: new Uint8Array([97, 98]) });

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
    await expect(send(8080, request)).rejects.toThrow(ActionRejectedError);
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
    const error = await failureOf(send(8080, { headers: { [name]: value } }));

    expect(error).toBeInstanceOf(ActionRejectedError);
    expect(error.message).toContain(name);
    expect(error.message).not.toContain(value);
  });

  it.each(['', ' ', 'a b', 'a:b', 'a\r\nb', 'ü', 'a\u010ab'])(
    'may not use the header name %j',
    async (name) => {
      const error = await failureOf(send(8080, { headers: { [name]: 'x' } }));

      expect(error).toBeInstanceOf(ActionRejectedError);
      expect(error.message).toMatch(/^[ -~]+$/);
    },
  );

  it('may not have one header twice in different spelling', async () => {
    const headers = { 'X-Key': 'a', 'x-key': 'b' };
    await expect(send(8080, { headers })).rejects.toThrow('The header x-key is there twice');
  });
});

describe('compression', () => {
  const text = 'a compressed body '.repeat(50);
  it.each([
    ['gzip', gzipSync(text)],
    ['GZIP', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['zstd', zstdCompressSync(text)],
    ['identity', Buffer.from(text)],
    ['', Buffer.from(text)],
    ['gzip, br', brotliCompressSync(gzipSync(text))],
    ['identity, gzip', gzipSync(text)],
  ])('%s is undone', async (encoding, body) => {
    const port = await startServer((_, response) =>
      response.writeHead(200, { 'content-encoding': encoding, etag: 'e' }).end(body),
    );

    const answer = await send(port);

    expect(Buffer.from(answer.body).toString()).toBe(text);
    expect(answer.headers['etag']).toBe('e');
  });

  it.each([
    ['gzip', Buffer.from('not gzip at all')],
    ['gzip', gzipSync(text).subarray(0, 20)],
    ['br', gzipSync(text)],
    ['zstd', gzipSync(text)],
    ['compress', Buffer.from('x')],
    ['constructor', Buffer.from('x')],
    ['gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(text)))],
    [Array(10).fill('gzip').join(), gzipSync(text)],
  ])('%s that is damaged, unknown or too deep is refused', async (encoding, body) => {
    const port = await startServer((_, response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(body),
    );
    await expect(send(port)).rejects.toThrow(ActionRejectedError);
  });

  it('that needs a window of more than 8 MiB is refused', async () => {
    const params = { [constants.ZSTD_c_windowLog]: 27 };
    // Without its size known in advance, the encoder keeps the window it was told.
    const { createZstdCompress } = await import('node:zlib');
    const compress = createZstdCompress({ params });
    const port = await startServer((_, response) => {
      response.writeHead(200, { 'content-encoding': 'zstd' });
      compress.pipe(response);
      compress.write(text);
      compress.end();
    });

    await expect(send(port)).rejects.toThrow(ActionRejectedError);
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
    ['deflate', deflateSync],
  ] as const)(
    'of 50 MB of zeros with %s is refused in bounded memory',
    async (encoding, compress) => {
      const bomb = compress(Buffer.alloc(50_000_000));
      const port = await startServer((_, response) =>
        response.writeHead(200, { 'content-encoding': encoding }).end(bomb),
      );
      const failures: Error[] = [];

      const grown = await memoryGrowth(async () => failures.push(await failureOf(send(port))));

      expect(bomb.length).toBeLessThan(60_000);
      expect(failures).toEqual([expect.any(ActionRejectedError)]);
      expect(failures[0]?.message).toBe(`127.0.0.1:${port} answered with more than 10 MiB.`);
      expect(grown).toBeLessThan(64);
    },
  );

  it('of zeros inside of compressed zeros is refused in bounded memory', async () => {
    const bomb = gzipSync(gzipSync(Buffer.alloc(500_000_000)));
    const port = await startServer((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip, gzip' }).end(bomb),
    );

    const grown = await memoryGrowth(() => failureOf(send(port)));

    await expect(send(port)).rejects.toThrow(ActionRejectedError);
    expect(grown).toBeLessThan(64);
  });
});

describe('size', () => {
  it('up to 10 MiB is read', async () => {
    const port = await startServer((_, response) => response.end(Buffer.alloc(10 * MIB, 'x')));
    expect((await send(port)).body).toHaveLength(10 * MIB);
  });

  it('of one byte more is refused, announced or not', async () => {
    const body = Buffer.alloc(10 * MIB + 1);
    const port = await startServer((request, response) => {
      if (request.url === '/announced') response.setHeader('content-length', body.length);
      else response.flushHeaders();
      response.end(body);
    });
    const url = `http://127.0.0.1:${port}/announced`;

    await expect(send(port, { url })).rejects.toThrow('answered with more than 10 MiB');
    await expect(send(port)).rejects.toThrow('answered with more than 10 MiB');
  });

  it('without end is refused in bounded memory, and the connection closed', async () => {
    const piece = Buffer.alloc(64 * 1024);
    const closed = Promise.withResolvers<void>();
    const port = await startServer((_, response) => {
      const more = () => {
        while (response.write(piece));
      };
      response.on('drain', more).on('close', closed.resolve);
      more();
    });
    const failures: Error[] = [];

    const grown = await memoryGrowth(async () => failures.push(await failureOf(send(port))));

    expect(failures).toEqual([expect.any(ActionRejectedError)]);
    await closed.promise;
    expect(grown).toBeLessThan(64);
  });

  it('in pieces of one byte costs no more memory than in one', async () => {
    const pieces = Buffer.from('1\r\nx\r\n'.repeat(16 * 1024));
    const port = await startTcpServer((socket) => {
      const more = () => {
        while (socket.write(pieces));
      };
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
        socket.on('drain', more);
        more();
      });
    });
    const failures: Error[] = [];

    const grown = await memoryGrowth(async () =>
      failures.push(await failureOf(send(port, {}, { bodyBytes: MIB }))),
    );

    expect(failures).toEqual([expect.any(ActionRejectedError)]);
    expect(grown).toBeLessThan(64);
  });
});

describe('time', () => {
  it('ends when a server never answers', async () => {
    const port = await startServer(() => {});

    const error = await failureOf(send(port, {}, { headersMs: 100 }));

    expect(error).toBeInstanceOf(ActionUnavailableError);
    expect(error.message).toBe(`127.0.0.1:${port} did not answer within 0.1 s.`);
  });

  it('ends when a server stops in the middle', async () => {
    const port = await startServer((_, response) => response.write('half'));
    await expect(send(port, {}, { idleMs: 100 })).rejects.toThrow(ActionUnavailableError);
  });

  it('ends in total though bytes trickle in, and the connection is closed', async () => {
    const closed = Promise.withResolvers<void>();
    const port = await startServer((_, response) => {
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => {
        clearInterval(timer);
        closed.resolve();
      });
    });
    const started = performance.now();

    const error = await failureOf(send(port, {}, { totalMs: 300 }));

    expect(error).toBeInstanceOf(ActionUnavailableError);
    expect(error.message).toBe(`127.0.0.1:${port} did not finish its answer within 0.3 s.`);
    expect(performance.now() - started).toBeLessThan(1_300);
    await closed.promise;
  });

  it('ends in total though each redirect is quick', async () => {
    const port = await startServer(async (_, response) => {
      await wait(100);
      response.writeHead(302, { location: '/again' }).end();
    });
    const sent = send(port, {}, { totalMs: 300, redirects: 1_000 });
    await expect(sent).rejects.toThrow('did not finish its answer within 0.3 s');
  });

  it('ends when the resolver does not answer', async () => {
    const http = safeHttp({
      policy,
      resolve: () => new Promise(() => {}),
      limits: { totalMs: 100 },
    });
    const request = { method: 'GET', url: 'http://example.com/', headers: {} };
    const sent = http.send(request, { signal: AbortSignal.timeout(60_000) });
    await expect(sent).rejects.toThrow(ActionUnavailableError);
  });

  it('ends when the caller stops waiting, and nothing is sent later', async () => {
    const requests: unknown[] = [];
    const port = await startServer((request) => requests.push(request.url));
    const name = Promise.withResolvers<string[]>();
    const http = safeHttp({
      policy: parseEgressAllow(`example.com:${port}`),
      resolve: () => name.promise,
    });
    const caller = new AbortController();
    const request = { method: 'POST', url: `http://example.com:${port}/`, headers: {}, body: 'x' };

    const sent = failureOf(http.send(request, { signal: caller.signal }));
    caller.abort(new Error('the step is over'));

    expect(await sent).toBeInstanceOf(ActionUnavailableError);
    expect((await sent).cause).toEqual(new Error('the step is over'));
    name.resolve(['127.0.0.1']);
    // The same connection carries what follows, so the abandoned request would have come first.
    const next = { ...request, url: `http://example.com:${port}/next` };
    const nextSent = http.send(next, { signal: AbortSignal.timeout(1_000) });
    await expect(nextSent).rejects.toThrow(ActionUnavailableError);
    expect(requests).toEqual(['/next']);
  });

  it('ends at once for a caller who stopped before', async () => {
    const error = await failureOf(send(8080, {}, {}, AbortSignal.abort('over')));
    expect(error).toBeInstanceOf(ActionUnavailableError);
  });

  it('ends with the caller’s own error when it is one of ours', async () => {
    const port = await startServer(() => {});
    const caller = new AbortController();
    const sent = failureOf(send(port, {}, {}, caller.signal));

    caller.abort(new ClaimLostError('another worker has it'));

    expect(await sent).toBe(caller.signal.reason);
  });
});

describe('failure', () => {
  it('of the connection is worth another try, and names no path', async () => {
    const port = await startServer(() => {});
    const refusedPort = await startTcpServer((socket) => socket.resetAndDestroy());

    const error = await failureOf(send(refusedPort));

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
      if (request.url !== '/never') response.end('ok');
    });
    const http = safeHttp({ policy, limits: { totalMs: 200 } });
    const signal = AbortSignal.timeout(60_000);
    const to = (path: string) =>
      http.send({ method: 'GET', url: `http://127.0.0.1:${port}${path}`, headers: {} }, { signal });

    const never = failureOf(to('/never'));
    const others = await Promise.all(Array.from({ length: 50 }, () => to('/fine')));

    expect(others.map((answer) => answer.status)).toEqual(Array(50).fill(200));
    expect(await never).toBeInstanceOf(ActionUnavailableError);
  });
});
