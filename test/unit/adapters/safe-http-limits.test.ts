import { setTimeout as wait } from 'node:timers/promises';
import {
  brotliCompressSync,
  constants,
  createZstdCompress,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { safeHttp } from '#adapters/safe-http/safe-http';
import { parseEgressAllow } from '#core/egress/egress';
import { ActionRejectedError, ActionUnavailableError, ClaimLostError } from '#core/errors';
import { memoryGrowth, startServer, startTcpServer } from '#test/helpers/egress-network';
import { failureOf, sendTo } from '#test/helpers/egress-send';

const policy = parseEgressAllow('127.0.0.1');
const MIB = 1024 ** 2;

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

    const answer = await sendTo(port);

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
    await expect(sendTo(port)).rejects.toThrow(ActionRejectedError);
  });

  it('that needs a window of more than 8 MiB is refused', async () => {
    const params = { [constants.ZSTD_c_windowLog]: 27 };
    // Without its size known in advance, the encoder keeps the window it was told.
    const compress = createZstdCompress({ params });
    const port = await startServer((_, response) => {
      response.writeHead(200, { 'content-encoding': 'zstd' });
      compress.pipe(response);
      compress.write(text);
      compress.end();
    });

    await expect(sendTo(port)).rejects.toThrow(ActionRejectedError);
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

      const grown = await memoryGrowth(async () => failures.push(await failureOf(sendTo(port))));

      expect(bomb.length).toBeLessThan(60_000);
      expect(failures).toEqual([expect.any(ActionRejectedError)]);
      expect(failures[0]?.message).toBe(`127.0.0.1:${port} answered with more than 10 MiB.`);
      expect(grown).toBeLessThan(64);
    },
  );

  it('of zeros inside of compressed zeros is refused in bounded memory', async () => {
    const bomb = gzipSync(gzipSync(Buffer.alloc(100_000_000)));
    const port = await startServer((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip, gzip' }).end(bomb),
    );

    const grown = await memoryGrowth(() => failureOf(sendTo(port)));

    await expect(sendTo(port)).rejects.toThrow(ActionRejectedError);
    expect(grown).toBeLessThan(64);
  });
});

describe('size', () => {
  it('up to 10 MiB is read', async () => {
    const port = await startServer((_, response) => response.end(Buffer.alloc(10 * MIB, 'x')));
    expect((await sendTo(port)).body).toHaveLength(10 * MIB);
  });

  it('of one byte more is refused, announced or not', async () => {
    const body = Buffer.alloc(10 * MIB + 1);
    const port = await startServer((request, response) => {
      if (request.url === '/announced') response.setHeader('content-length', body.length);
      else response.flushHeaders();
      response.end(body);
    });
    const url = `http://127.0.0.1:${port}/announced`;

    await expect(sendTo(port, { request: { url } })).rejects.toThrow(
      'answered with more than 10 MiB',
    );
    await expect(sendTo(port)).rejects.toThrow('answered with more than 10 MiB');
  });

  it('that is announced as too large is refused before any of it came', async () => {
    const port = await startServer((_, response) => {
      response.setHeader('content-length', 10 * MIB + 1);
      response.flushHeaders();
    });
    await expect(sendTo(port)).rejects.toThrow('answered with more than 10 MiB');
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

    const grown = await memoryGrowth(async () => failures.push(await failureOf(sendTo(port))));

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
      failures.push(await failureOf(sendTo(port, { limits: { bodyBytes: MIB } }))),
    );

    expect(failures).toEqual([expect.any(ActionRejectedError)]);
    expect(grown).toBeLessThan(64);
  });
});

describe('time', () => {
  it('ends when a server never answers', async () => {
    const port = await startServer(() => {});

    const error = await failureOf(sendTo(port, { limits: { headersMs: 100 } }));

    expect(error).toBeInstanceOf(ActionUnavailableError);
    expect(error.message).toBe(`127.0.0.1:${port} did not answer within 0.1 s.`);
  });

  it('ends when a server stops in the middle', async () => {
    const port = await startServer((_, response) => response.write('half'));
    await expect(sendTo(port, { limits: { idleMs: 100 } })).rejects.toThrow(ActionUnavailableError);
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

    const error = await failureOf(sendTo(port, { limits: { totalMs: 300 } }));

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
    const sent = sendTo(port, { limits: { totalMs: 300, redirects: 1_000 } });
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
    const error = await failureOf(sendTo(8080, { signal: AbortSignal.abort('over') }));
    expect(error).toBeInstanceOf(ActionUnavailableError);
  });

  it('ends with the caller’s own error when it is one of ours', async () => {
    const port = await startServer(() => {});
    const caller = new AbortController();
    const sent = failureOf(sendTo(port, { signal: caller.signal }));

    caller.abort(new ClaimLostError('another worker has it'));

    expect(await sent).toBe(caller.signal.reason);
  });
});
