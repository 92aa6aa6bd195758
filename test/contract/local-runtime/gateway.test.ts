import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { listen } from '#local/gateway/gateway';
import { send } from './http.ts';
import { openedGateway } from './opened-gateway.ts';

const opened = openedGateway();

describe('the event', () => {
  it('is the one that API Gateway makes, payload format 2.0', async () => {
    await send(opened.gateway.port, {
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

    expect(opened.events).toEqual([
      {
        functionName: 'hook',
        version: '2.0',
        routeKey: 'POST /api/hook/{id}',
        rawPath: '/api/hook/a b',
        rawQueryString: 'x=1&y=a%20b&x=2',
        cookies: ['a=1', 'b=2'],
        headers: {
          host: `localhost:${opened.gateway.port}`,
          'user-agent': 'test/1',
          'content-type': 'application/json; charset=utf-8',
          'content-length': '10',
          'x-twice': 'one,two',
          'x-forwarded-for': '127.0.0.1',
          'x-forwarded-port': String(opened.gateway.port),
          'x-forwarded-proto': 'http',
          'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
          connection: 'keep-alive',
        },
        queryStringParameters: { x: '1,2', y: 'a b' },
        requestContext: {
          accountId: '000000000000',
          apiId: 'api',
          domainName: `localhost:${opened.gateway.port}`,
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
    await send(opened.gateway.port, { path: '/api/x' });

    expect(Object.keys(opened.events[0] ?? {}).toSorted()).toEqual([
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
    await send(opened.gateway.port, { method: 'POST', path: '/api/x', headers, body: 'a=1' });

    expect(opened.events[0]).toMatchObject({
      body: isBase64Encoded ? Buffer.from('a=1').toString('base64') : 'a=1',
      isBase64Encoded,
    });
  });

  it('never changes a byte, whatever the type says', async () => {
    const body = Buffer.from([0x22, 0xff, 0xfe, 0x22]);
    const headers = { 'content-type': 'application/json' };
    await send(opened.gateway.port, { method: 'POST', path: '/api/x', headers, body });

    expect(opened.events[0]).toMatchObject({
      body: body.toString('base64'),
      isBase64Encoded: true,
    });
  });

  it('takes names of inherited properties for what they are: names', async () => {
    await send(opened.gateway.port, {
      path: '/api/x?constructor=1&__proto__=2&toString=3',
      headers: { constructor: 'a' },
    });

    const { queryStringParameters, headers } = opened.events[0] as {
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
    opened.reply = () => answer;

    const response = await send(opened.gateway.port, { path: '/api/x' });

    expect(response).toMatchObject({ status, headers, text });
    expect(response.headers).not.toHaveProperty('x-evil');
  });

  it('is a 500 when the function fails', async () => {
    opened.reply = () => {
      throw new Error('a secret detail');
    };

    const response = await send(opened.gateway.port, { path: '/api/x' });

    expect(response).toMatchObject({ status: 500, text: '{"message":"Internal Server Error"}' });
  });

  it('is a 503 when the function takes longer than the integration may', async () => {
    opened.reply = () => new Promise(() => {});

    const response = await send(opened.gateway.port, { path: '/api/x' });

    expect(response).toMatchObject({ status: 503, text: '{"message":"Service Unavailable"}' });
  });

  it('is a 404 where there is no route, a 500 where API Gateway may not invoke', async () => {
    expect(await send(opened.gateway.port, { path: '/nowhere' })).toMatchObject({
      status: 404,
      text: '{"message":"Not Found"}',
    });
    expect(await send(opened.gateway.port, { path: '/forbidden' })).toMatchObject({ status: 500 });
    expect(opened.events).toEqual([]);
  });

  it('to HEAD has no body', async () => {
    const response = await send(opened.gateway.port, { method: 'HEAD', path: '/api/x' });

    expect(response).toMatchObject({ status: 200, text: '' });
  });
});

describe('the guards', () => {
  const here = () => opened.gateway.port;

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
      expect(opened.events).toEqual([]);
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
    const answer = await send(opened.gateway.port, {
      method: 'POST',
      path: '/local/echo/a',
      body: 'b',
    });

    expect(answer).toMatchObject({ status: 200, text: 'a b' });
  });

  it('say what is wrong in the form of the API', async () => {
    const missing = await send(opened.gateway.port, { path: '/local/other' });
    const method = await send(opened.gateway.port, { path: '/local/echo/a' });
    const large = await send(opened.gateway.port, {
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
    opened.gateway.refuse();

    expect(await send(opened.gateway.port, { path: '/api/x' })).toMatchObject({ status: 503 });
    expect(
      await send(opened.gateway.port, { method: 'POST', path: '/local/echo/a', body: 'b' }),
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
    const socket = connect(opened.gateway.port, address);
    const [error] = await once(socket, 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  }
});
