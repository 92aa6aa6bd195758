import { describe, expect, it } from 'vitest';
import { safeHttp } from '#adapters/safe-http/safe-http';
import { parseEgressAllow } from '#core/egress/egress';
import { ActionRejectedError, ActionUnavailableError } from '#core/errors';
import {
  allowedUrls,
  PUBLIC_IP,
  refusedAtSight,
  refusedByAnswer,
} from '#test/helpers/egress-corpus';
import {
  bodyOf,
  isInside,
  recordingDial,
  startServer,
  startTcpServer,
  stubResolver,
} from '#test/helpers/egress-network';

const publicOnly = parseEgressAllow('');
const signal = AbortSignal.timeout(60_000);

function get(url: string, headers: Record<string, string> = {}) {
  return { method: 'GET', url, headers };
}

// Those whose host can stand in a header as it is.
const redirectTargets = [
  ...refusedAtSight.filter(({ url }) => /^https?:\/\/[!-~]+\/secret$/.test(url)),
  ...refusedByAnswer,
  { url: 'http://example.com:22/' },
];

describe('the addresses that are dialled', () => {
  it.each(allowedUrls)('are the public ones: $url leads to $dials', async ({ url, dials }) => {
    const { dial, dialled } = recordingDial();
    const http = safeHttp({ policy: publicOnly, resolve: stubResolver().resolve, dial });

    await expect(http.send(get(url), { signal })).rejects.toThrow(ActionUnavailableError);

    expect(dialled[0]).toBe(dials);
    expect(dialled.filter(isInside)).toEqual([]);
  });

  it.each(refusedAtSight)('are none for $url, which is not even looked up', async ({ url }) => {
    const { dial, dialled } = recordingDial();
    const { resolve, asked } = stubResolver();
    const http = safeHttp({ policy: publicOnly, resolve, dial });

    await expect(http.send(get(url), { signal })).rejects.toThrow(ActionRejectedError);

    expect({ dialled, asked }).toEqual({ dialled: [], asked: [] });
  });

  it.each(refusedByAnswer)('are none for $url, which leads inside', async ({ url }) => {
    const { dial, dialled } = recordingDial();
    const { resolve, asked } = stubResolver();
    const http = safeHttp({ policy: publicOnly, resolve, dial });

    await expect(http.send(get(url), { signal })).rejects.toThrow(ActionRejectedError);

    expect(dialled).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  it.each(redirectTargets)('are none inside after a redirect to $url', async ({ url }) => {
    const port = await startServer((_, response) =>
      response.writeHead(302, { location: url }).end(),
    );
    const { dial, dialled } = recordingDial(port);
    const http = safeHttp({ policy: publicOnly, resolve: stubResolver().resolve, dial });

    const sent = http.send(get('http://public.example.com/'), { signal });

    await expect(sent).rejects.toThrow(ActionRejectedError);
    expect(dialled).toEqual([`${PUBLIC_IP}:80`]);
  });

  it('asks the resolver once, and dials what it answered', async () => {
    const port = await startServer((_, response) => response.end('ok'));
    const { dial, dialled } = recordingDial(port);
    const { resolve, asked } = stubResolver();
    const http = safeHttp({ policy: publicOnly, resolve, dial });

    await http.send(get('http://example.com/'), { signal });

    expect({ asked, dialled }).toEqual({ asked: ['example.com'], dialled: [`${PUBLIC_IP}:80`] });
  });

  it('does not follow a name that answers public first and private later', async () => {
    const port = await startServer((_, response) => {
      response.setHeader('connection', 'close');
      response.end('ok');
    });
    const { dial, dialled } = recordingDial(port);
    const answers = [[PUBLIC_IP], ['169.254.169.254'], ['127.0.0.1']];
    const http = safeHttp({
      policy: publicOnly,
      resolve: async () => answers.shift() ?? [],
      dial,
    });
    const send = () => http.send(get('http://rebind.example.com/'), { signal });

    expect((await send()).status).toBe(200);
    await expect(send()).rejects.toThrow(ActionRejectedError);
    await expect(send()).rejects.toThrow(ActionRejectedError);
    expect(dialled).toEqual([`${PUBLIC_IP}:80`]);
  });

  it('tries the next address when one does not answer, and gives up after three', async () => {
    const { dial, dialled } = recordingDial();
    const answers = ['93.184.216.1', '93.184.216.2', '93.184.216.3', '93.184.216.4'];
    const http = safeHttp({ policy: publicOnly, resolve: async () => answers, dial });

    const sent = http.send(get('http://example.com/'), { signal });

    await expect(sent).rejects.toThrow('The connection to example.com failed (ECONNREFUSED).');
    expect(dialled).toEqual(['93.184.216.1:80', '93.184.216.2:80', '93.184.216.3:80']);
  });

  it('keeps connections for the next requests to the same origin', async () => {
    const ports: (number | undefined)[] = [];
    const port = await startServer((request, response) => {
      ports.push(request.socket.remotePort);
      response.end('ok');
    });
    const { dial, dialled } = recordingDial(port);
    const http = safeHttp({ policy: publicOnly, resolve: stubResolver().resolve, dial });

    for (let request = 0; request < 10; request += 1) {
      await http.send(get('http://example.com/'), { signal });
    }

    // The pool may open a second one while the first is still being put back.
    expect(dialled.length).toBeLessThanOrEqual(2);
    expect(new Set(ports).size).toBe(dialled.length);
  });

  it('sends the name in the Host header and in TLS, though it dials an address', async () => {
    const hosts: (string | undefined)[] = [];
    const port = await startServer((request, response) => {
      hosts.push(request.headers.host);
      response.end('ok');
    });
    const hello = Promise.withResolvers<string>();
    const tlsPort = await startTcpServer((socket) =>
      socket.once('data', (bytes) => {
        hello.resolve(bytes.toString('latin1'));
        socket.destroy();
      }),
    );
    const http = safeHttp({
      policy: publicOnly,
      resolve: stubResolver().resolve,
      dial: recordingDial(port).dial,
    });
    const toLoopback = safeHttp({
      policy: parseEgressAllow(`api.example.com:${tlsPort}`),
      resolve: async () => ['127.0.0.1'],
    });

    await http.send(get('http://api.example.com:8080/'), { signal });
    const tls = toLoopback.send(get(`https://api.example.com:${tlsPort}/`), { signal });

    await expect(tls).rejects.toThrow(ActionUnavailableError);
    expect(hosts).toEqual(['api.example.com:8080']);
    expect(await hello.promise).toContain('api.example.com');
  });

  it('reaches an inside address that is allowed, through the real resolver', async () => {
    const port = await startServer((_, response) => response.end('inside'));
    const http = safeHttp({ policy: parseEgressAllow(`localhost:${port}`) });

    const answer = await http.send(get(`http://localhost:${port}/`), { signal });

    expect(Buffer.from(answer.body).toString()).toBe('inside');
  });

  it('does not lend an allowed path’s connection to another path', async () => {
    const paths: (string | undefined)[] = [];
    const port = await startServer((request, response) => {
      paths.push(request.url);
      response.end('ok');
    });
    const http = safeHttp({ policy: parseEgressAllow(`http://127.0.0.1:${port}/local/slack/`) });

    await http.send(get(`http://127.0.0.1:${port}/local/slack/general`), { signal });
    const other = http.send(get(`http://127.0.0.1:${port}/api/agents`), { signal });

    await expect(other).rejects.toThrow(ActionRejectedError);
    expect(paths).toEqual(['/local/slack/general']);
  });
});

describe('a redirect', () => {
  async function follow(redirect: { status: number; location: string }, method = 'GET') {
    const seen: Record<string, unknown>[] = [];
    const port = await startServer(async (request, response) => {
      const { host, ...headers } = request.headers;
      seen.push({ method: request.method, host, headers, body: await bodyOf(request) });
      if (seen.length > 1) return response.end('arrived');
      return response.writeHead(redirect.status, { location: redirect.location }).end('go');
    });
    const http = safeHttp({
      policy: publicOnly,
      resolve: stubResolver().resolve,
      dial: recordingDial(port).dial,
    });
    const answer = await http.send(
      {
        method,
        url: 'http://a.example.com/start?x=1',
        headers: {
          Authorization: 'Bearer s3cret',
          Cookie: 'session=s3cret',
          'X-Api-Key': 's3cret',
          Accept: 'application/json',
          'Content-Type': 'application/json',
          'User-Agent': 'mine',
          'Idempotency-Key': 'run_1:notify',
        },
        ...(method === 'GET' ? {} : { body: '{"n":1}' }),
      },
      { signal },
    );
    return { answer, second: seen[1] as Record<string, Record<string, string>> };
  }

  it('within the origin keeps the headers and tells where it ended', async () => {
    const { answer, second } = await follow({ status: 302, location: '/end?y=2' });

    expect(answer).toMatchObject({ status: 200, url: 'http://a.example.com/end?y=2' });
    expect(second['headers']).toMatchObject({
      authorization: 'Bearer s3cret',
      'x-api-key': 's3cret',
    });
  });

  it.each([
    'http://b.example.com/',
    '//b.example.com/',
    'http://a.example.com:8080/',
    'http://a.example.com.evil.com/',
  ])('to %s takes no credentials and no headers of the user’s own', async (location) => {
    const { second } = await follow({ status: 307, location }, 'POST');

    expect(JSON.stringify(second)).not.toContain('s3cret');
    expect(second).toMatchObject({
      method: 'POST',
      body: '{"n":1}',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        'user-agent': 'mine',
        'idempotency-key': 'run_1:notify',
      },
    });
  });

  it.each([
    { status: 301, method: 'POST', becomes: 'GET' },
    { status: 302, method: 'POST', becomes: 'GET' },
    { status: 303, method: 'POST', becomes: 'GET' },
    { status: 303, method: 'PUT', becomes: 'GET' },
    { status: 303, method: 'DELETE', becomes: 'GET' },
    { status: 301, method: 'PUT', becomes: 'PUT' },
    { status: 302, method: 'PATCH', becomes: 'PATCH' },
    { status: 307, method: 'POST', becomes: 'POST' },
    { status: 308, method: 'POST', becomes: 'POST' },
    { status: 307, method: 'DELETE', becomes: 'DELETE' },
    { status: 302, method: 'GET', becomes: 'GET' },
  ])('$status turns $method into $becomes', async ({ status, method, becomes }) => {
    const { second } = await follow({ status, location: '/end' }, method);

    const keepsBody = method === becomes && method !== 'GET';
    expect(second['method']).toBe(becomes);
    expect(second['body']).toBe(keepsBody ? '{"n":1}' : '');
    expect('content-type' in (second['headers'] ?? {})).toBe(keepsBody || method === 'GET');
  });

  it.each([
    'file:///etc/passwd',
    'http://user:s3cret@b.example.com/',
    'http://b.example.com:22/',
    'http://[',
    'gopher://b.example.com/',
  ])('to %s is refused without showing it', async (location) => {
    const error: Error = await follow({ status: 302, location }).then(
      () => new Error('it went there'),
      (failure) => failure,
    );

    expect(error).toBeInstanceOf(ActionRejectedError);
    expect(error.message).not.toMatch(/passwd|s3cret/);
  });

  it('without a location, or with a status that is none, is an answer', async () => {
    const port = await startServer((request, response) =>
      response
        .writeHead(
          request.url === '/300' ? 300 : 302,
          request.url === '/300' ? { location: '/x' } : {},
        )
        .end(),
    );
    const http = safeHttp({ policy: parseEgressAllow('127.0.0.1') });

    const none = await http.send(get(`http://127.0.0.1:${port}/`), { signal });
    const choices = await http.send(get(`http://127.0.0.1:${port}/300`), { signal });

    expect([none.status, choices.status]).toEqual([302, 300]);
  });

  it('is followed five times and not 200 times', async () => {
    let requests = 0;
    const port = await startServer((request, response) => {
      requests += 1;
      const hop = Number(request.url?.slice(1));
      if (hop === 0) return response.end('arrived');
      return response.writeHead(302, { location: `/${hop - 1}` }).end();
    });
    const http = safeHttp({ policy: parseEgressAllow('127.0.0.1') });
    const go = (hops: number) => http.send(get(`http://127.0.0.1:${port}/${hops}`), { signal });

    expect((await go(5)).status).toBe(200);
    requests = 0;
    await expect(go(200)).rejects.toThrow(ActionRejectedError);
    expect(requests).toBe(6);
  });
});
