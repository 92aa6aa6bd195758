import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { send, sendRaw } from './http.ts';
import { openedGateway } from './opened-gateway.ts';

const opened = openedGateway();

describe('limits', () => {
  const MIB = 1024 * 1024;

  it('takes bodies up to what Lambda takes, and refuses larger ones', async () => {
    const post = (size: number) =>
      send(opened.gateway.port, {
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
      opened.gateway.port,
      `POST /api/x HTTP/1.1\r\nhost: localhost:${opened.gateway.port}\r\ntransfer-encoding: chunked\r\n\r\n${chunked}0\r\n\r\n`,
    );

    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('refuses headers over 10,240 bytes', async () => {
    const response = await send(opened.gateway.port, {
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
    const answer = await sendRaw(
      opened.gateway.port,
      bytes.replace('HOST', `localhost:${opened.gateway.port}`),
    );

    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(opened.events).toEqual([]);
  });

  it('outlives a client that goes away in the middle of its body', async () => {
    const socket = connect(opened.gateway.port, '127.0.0.1');
    const start = `POST /api/x HTTP/1.1\r\nhost: localhost:${opened.gateway.port}\r\ncontent-length: 5\r\n\r\nab`;
    await new Promise<void>((resolve) => socket.write(start, () => resolve()));
    socket.destroy();

    expect(await send(opened.gateway.port, { path: '/api/y' })).toMatchObject({ status: 200 });
    expect(opened.events).toMatchObject([{ rawPath: '/api/y' }]);
  });
});
