import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { tableClient } from '#adapters/aws-clients';
import { queueClient } from '#adapters/queue-client';
import { isTransient } from '#adapters/transient';

/** Of the webhook's function. */
const FUNCTION_MS = 10_000;

const sockets: Socket[] = [];
let endpoint = '';
const silent = createServer((socket) => sockets.push(socket.resume()));

beforeAll(async () => {
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  endpoint = `http://127.0.0.1:${port}`;
  vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  silent.close();
});

it('a table or queue that takes a call and never answers is asked again, and given up while there is time to say so', async () => {
  const calls = [
    tableClient().send(new GetCommand({ TableName: 'table', Key: { pk: 'a', sk: 'b' } })),
    queueClient().send(
      new SendMessageCommand({ QueueUrl: `${endpoint}/1/queue`, MessageBody: 'run' }),
    ),
  ];
  const startedAt = performance.now();
  const outcomes = await Promise.allSettled(calls);

  expect(performance.now() - startedAt).toBeLessThan(FUNCTION_MS - 1_000);
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'TimeoutError' } });
    expect(isTransient((outcome as PromiseRejectedResult).reason)).toBe(true);
  }
  // Each call again and again.
  expect(sockets.length).toBeGreaterThanOrEqual(6);
}, 20_000);
