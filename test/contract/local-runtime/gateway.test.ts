import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Gateway, listen } from '#local/gateway/gateway';
import { createGuards } from '#local/gateway/guards';
import { readHttpApi } from '#local/gateway/routes';
import type { Site } from '#local/gateway/site';
import type { InvocationResult } from '#local/lambda/protocol';
import { send, sendRaw } from './http.ts';
import { deploymentOf, httpApiResources } from './template.ts';

const PUBLIC_URL = 'https://hooks.example';

let gateway: Gateway;
let events: Record<string, unknown>[];
let reply: (event: Record<string, unknown>) => unknown;

beforeEach(async () => {
  events = [];
  reply = () => ({ statusCode: 200, body: 'ok' });
  gateway = await listen(0);
  gateway.open(site());
});
afterEach(() => gateway.close());

function site(): Site {
  const resources = httpApiResources({
    'ANY /api/{proxy+}': { function: 'api' },
    'POST /api/hook/{id}': { function: 'hook', public: true },
    'GET /forbidden': { function: 'api', permitted: false },
  });
  return {
    api: readHttpApi(deploymentOf(resources)),
    accountId: '000000000000',
    guards: createGuards(gateway.port, PUBLIC_URL),
    doors: [
      {
        method: 'POST',
        path: /^\/local\/echo\/(?<name>\w+)$/,
        answer: ({ parameters, body }) => ({
          status: 200,
          headers: {},
          body: `${parameters['name']} ${body}`,
        }),
      },
    ],
    async invoke(functionName, payload): Promise<InvocationResult> {
      const event = JSON.parse(payload) as Record<string, unknown>;
      events.push({ ...event, functionName });
      try {
        const answer = await reply(event);
        return { status: 'succeeded', payload: JSON.stringify(answer) ?? 'null' };
      } catch (error) {
        const errorMessage = String(error);
        return { status: 'failed', error: { errorType: 'Error', errorMessage } };
      }
    },
  };
}

describe('the event', () => {
  it('is the one that API Gateway makes, payload format 2.0', async () => {
    await send(gateway.port, {
      method: 'POST',
      path: '/api/hook/a%20b?x=1&y=a%20b&x=2',
      headers: {
        'User-Agent': 'test/1',
        'Content-Type': 'application/json; charset=utf-8',
        'X-Twice': ['one', 'two'],
        Cookie: 'a=1; b=2',
      },
      body: '{"n":"é"}',
    });

    expect(events).toEqual([
      {
        functionName: 'hook',
        version: '2.0',
        routeKey: 'POST /api/hook/{id}',
        rawPath: '/api/hook/a b',
        rawQueryString: 'x=1&y=a%20b&x=2',
        cookies: ['a=1', 'b=2'],
        headers: {
          host: `localhost:${gateway.port}`,
          'user-agent': 'test/1',
          'content-type': 'application/json; charset=utf-8',
          'content-length': '10',
          'x-twice': 'one,two',
          'x-forwarded-for': '127.0.0.1',
          'x-forwarded-port': String(gateway.port),
          'x-forwarded-proto': 'http',
          'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
          connection: 'keep-alive',
        },
        queryStringParameters: { x: '1,2', y: 'a b' },
        requestContext: {
          accountId: '000000000000',
          apiId: 'api',
          domainName: `localhost:${gateway.port}`,
          domainPrefix: 'localhost',
          http: {
            method: 'POST',
            path: '/api/hook/a b',
            protocol: 'HTTP/1.1',
            sourceIp: '127.0.0.1',
            userAgent: 'test/1',
          },
          requestId: expect.stringMatching(/^[\w-]{15}=$/),
          routeKey: 'POST /api/hook/{id}',
          stage: '$default',
          time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
          timeEpoch: expect.any(Number),
        },
        pathParameters: { id: 'a b' },
        body: '{"n":"é"}',
        isBase64Encoded: false,
      },
    ]);
  });

  it('leaves out what a request does not have', async () => {
    await send(gateway.port, { path: '/api/x' });

    expect(Object.keys(events[0] ?? {}).toSorted()).toEqual([
      'functionName',
      'headers',
      'isBase64Encoded',
      'pathParameters',
      'rawPath',
      'rawQueryString',
      'requestContext',
      'routeKey',
      'version',
    ]);
  });

  it.each([
    ['text/plain', false],
    ['text/csv; charset=utf-8', false],
    ['application/json', false],
    ['Application/JSON', false],
    ['application/xml', false],
    ['application/javascript', false],
    ['application/problem+json', true],
    ['application/x-www-form-urlencoded', true],
    ['application/octet-stream', true],
    ['multipart/form-data; boundary=x', true],
    [undefined, true],
  ])('carries a body of type %s as base64: %s', async (type, isBase64Encoded) => {
    const headers = type === undefined ? {} : { 'content-type': type };
    await send(gateway.port, { method: 'POST', path: '/api/x', headers, body: 'a=1' });

    expect(events[0]).toMatchObject({
      body: isBase64Encoded ? Buffer.from('a=1').toString('base64') : 'a=1',
      isBase64Encoded,
    });
  });

  it('never changes a byte, whatever the type says', async () => {
    const body = Buffer.from([0x22, 0xff, 0xfe, 0x22]);
    const headers = { 'content-type': 'application/json' };
    await send(gateway.port, { method: 'POST', path: '/api/x', headers, body });

    expect(events[0]).toMatchObject({ body: body.toString('base64'), isBase64Encoded: true });
  });

  it('takes names of inherited properties for what they are: names', async () => {
    await send(gateway.port, {
      path: '/api/x?constructor=1&__proto__=2&toString=3',
      headers: { constructor: 'a' },
    });

    const { queryStringParameters, headers } = events[0] as {
      queryStringParameters: object;
      headers: object;
    };
    expect(Object.entries(queryStringParameters)).toEqual([
      ['constructor', '1'],
      ['__proto__', '2'],
      ['toString', '3'],
    ]);
    expect(headers).toHaveProperty('constructor', 'a');
  });
});

describe('the answer', () => {
  it.each([
    [
      'status, headers and cookies',
      {
        statusCode: 201,
        headers: { Location: '/x', 'X-Number': 5 },
        cookies: ['a=1', 'b=2'],
        body: 'made',
      },
      201,
      { location: '/x', 'x-number': '5', 'set-cookie': ['a=1', 'b=2'] },
      'made',
    ],
    [
      'bytes',
      { statusCode: 200, body: Buffer.from('é').toString('base64'), isBase64Encoded: true },
      200,
      { 'content-type': 'text/plain;charset=UTF-8', 'content-length': '2' },
      'é',
    ],
    [
      'an object without a status',
      { a: 1 },
      200,
      { 'content-type': 'application/json' },
      '{"a":1}',
    ],
    ['a text', 'Hello', 200, { 'content-type': 'application/json' }, 'Hello'],
    ['a status as text', { statusCode: '204' }, 204, {}, ''],
    ['a status that is none', { statusCode: 'x' }, 500, {}, '{"message":"Internal Server Error"}'],
    [
      'an object as body',
      { statusCode: 200, body: {} },
      500,
      {},
      '{"message":"Internal Server Error"}',
    ],
    [
      'a header that HTTP forbids',
      { statusCode: 200, headers: { 'x-a': 'b\r\nx-evil: 1' }, body: '' },
      500,
      {},
      '{"message":"Internal Server Error"}',
    ],
  ])('can be %s', async (_, answer, status, headers, text) => {
    reply = () => answer;

    const response = await send(gateway.port, { path: '/api/x' });

    expect(response).toMatchObject({ status, headers, text });
    expect(response.headers).not.toHaveProperty('x-evil');
  });

  it('is a 500 when the function fails', async () => {
    reply = () => {
      throw new Error('a secret detail');
    };

    const response = await send(gateway.port, { path: '/api/x' });

    expect(response).toMatchObject({ status: 500, text: '{"message":"Internal Server Error"}' });
  });

  it('is a 503 when the function takes longer than the integration may', async () => {
    reply = () => new Promise(() => {});

    const response = await send(gateway.port, { path: '/api/x' });

    expect(response).toMatchObject({ status: 503, text: '{"message":"Service Unavailable"}' });
  });

  it('is a 404 where there is no route, a 500 where API Gateway may not invoke', async () => {
    expect(await send(gateway.port, { path: '/nowhere' })).toMatchObject({
      status: 404,
      text: '{"message":"Not Found"}',
    });
    expect(await send(gateway.port, { path: '/forbidden' })).toMatchObject({ status: 500 });
    expect(events).toEqual([]);
  });

  it('to HEAD has no body', async () => {
    const response = await send(gateway.port, { method: 'HEAD', path: '/api/x' });

    expect(response).toMatchObject({ status: 200, text: '' });
  });
});

describe('limits', () => {
  const MIB = 1024 * 1024;

  it('takes bodies up to what Lambda takes, and refuses larger ones', async () => {
    const post = (size: number) =>
      send(gateway.port, {
        method: 'POST',
        path: '/api/x',
        headers: { 'content-type': 'text/plain' },
        body: 'x'.repeat(size),
      });

    expect(await post(5 * MIB)).toMatchObject({ status: 200 });
    for (const size of [7 * MIB, 10 * MIB + 1]) {
      expect(await post(size)).toMatchObject({
        status: 413,
        text: '{"message":"Request Entity Too Large"}',
      });
    }
  });

  it('refuses a body without a declared length as soon as it is too large', async () => {
    const chunk = 'x'.repeat(MIB);
    const chunked = `${MIB.toString(16)}\r\n${chunk}\r\n`.repeat(11);

    const answer = await sendRaw(
      gateway.port,
      `POST /api/x HTTP/1.1\r\nhost: localhost:${gateway.port}\r\ntransfer-encoding: chunked\r\n\r\n${chunked}0\r\n\r\n`,
    );

    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('refuses headers over 10,240 bytes', async () => {
    const response = await send(gateway.port, {
      path: '/api/x',
      headers: { 'x-long': 'x'.repeat(10_300) },
    });

    expect(response).toMatchObject({
      status: 431,
      text: '{"message":"Request Header Fields Too Large"}',
    });
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['a bad escape', 'GET /api/%zz HTTP/1.1\r\nhost: HOST\r\nconnection: close\r\n\r\n'],
    [
      'another server',
      'GET http://evil.example/api/x HTTP/1.1\r\nhost: HOST\r\nconnection: close\r\n\r\n',
    ],
    ['no Host', 'GET /api/x HTTP/1.1\r\nconnection: close\r\n\r\n'],
  ])('answers 400 to a request with %s', async (_, bytes) => {
    const answer = await sendRaw(gateway.port, bytes.replace('HOST', `localhost:${gateway.port}`));

    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(events).toEqual([]);
  });

  it('outlives a client that goes away in the middle of its body', async () => {
    const socket = connect(gateway.port, '127.0.0.1');
    const start = `POST /api/x HTTP/1.1\r\nhost: localhost:${gateway.port}\r\ncontent-length: 5\r\n\r\nab`;
    await new Promise<void>((resolve) => socket.write(start, () => resolve()));
    socket.destroy();

    expect(await send(gateway.port, { path: '/api/y' })).toMatchObject({ status: 200 });
    expect(events).toMatchObject([{ rawPath: '/api/y' }]);
  });
});

describe('the guards', () => {
  const here = () => gateway.port;

  it.each(['localhost', '127.0.0.1', '[::1]', 'LOCALHOST'])('let %s in', async (name) => {
    const headers = { host: `${name}:${here()}` };

    expect(await send(here(), { path: '/api/x', headers })).toMatchObject({ status: 200 });
  });

  it.each(['evil.example', 'localhost', 'localhost:1', 'localhost.evil.example'])(
    'answer 421 to Host: %s',
    async (host) => {
      for (const path of ['/api/x', '/local/echo/a', '/api/hook/1', '/nowhere']) {
        const answer = await send(here(), { method: 'POST', path, headers: { host } });
        expect(answer.status).toBe(421);
      }
      expect(events).toEqual([]);
    },
  );

  it.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['another port', { origin: 'http://localhost:1' }],
    ['a sandboxed page', { origin: 'null' }],
    ['a cross-site page', { 'sec-fetch-site': 'cross-site' }],
  ])('answer 403 to %s, except at a public door', async (_, headers) => {
    const refused = await send(here(), { method: 'POST', path: '/api/x', headers });
    const door = await send(here(), { method: 'POST', path: '/local/echo/a', headers });
    const publicDoor = await send(here(), { method: 'POST', path: '/api/hook/1', headers });

    expect([refused.status, door.status, publicDoor.status]).toEqual([403, 403, 200]);
    expect(refused.json()).toMatchObject({ error: { code: 'forbidden' } });
    expect(refused.headers).not.toHaveProperty('access-control-allow-origin');
  });

  it("let the product's own pages in", async () => {
    const headers = { origin: `http://localhost:${here()}`, 'sec-fetch-site': 'same-origin' };

    expect(await send(here(), { path: '/api/x', headers })).toMatchObject({ status: 200 });
  });

  it('let the public host reach public doors only', async () => {
    const headers = { host: 'hooks.example' };
    const statuses = [];
    for (const path of ['/api/hook/1', '/api/x', '/local/echo/a', '/nowhere']) {
      statuses.push((await send(here(), { method: 'POST', path, headers })).status);
    }

    expect(statuses).toEqual([200, 404, 404, 404]);
  });
});

describe('the doors', () => {
  it('answer with their parameters', async () => {
    const answer = await send(gateway.port, { method: 'POST', path: '/local/echo/a', body: 'b' });

    expect(answer).toMatchObject({ status: 200, text: 'a b' });
  });

  it('say what is wrong in the form of the API', async () => {
    const missing = await send(gateway.port, { path: '/local/other' });
    const method = await send(gateway.port, { path: '/local/echo/a' });
    const large = await send(gateway.port, {
      method: 'POST',
      path: '/local/echo/a',
      body: 'x'.repeat(300_000),
    });

    expect(missing).toMatchObject({ status: 404 });
    expect(missing.json()).toMatchObject({
      error: { code: 'not_found', request_id: expect.any(String) },
    });
    expect(method).toMatchObject({ status: 405 });
    expect(large).toMatchObject({ status: 413 });
  });

  it('stay open while the machine stops, so that what still runs can reach them', async () => {
    gateway.refuse();

    expect(await send(gateway.port, { path: '/api/x' })).toMatchObject({ status: 503 });
    expect(
      await send(gateway.port, { method: 'POST', path: '/local/echo/a', body: 'b' }),
    ).toMatchObject({ status: 200 });
  });
});

it('answers 503 to everything until it is opened', async () => {
  const closed = await listen(0);

  const answer = await send(closed.port, { path: '/api/x' });
  await closed.close();

  expect(answer).toMatchObject({ status: 503, text: '{"message":"Service Unavailable"}' });
});

it('cannot be reached from outside', async () => {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4');

  for (const { address } of addresses) {
    const socket = connect(gateway.port, address);
    const [error] = await once(socket, 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  }
});
