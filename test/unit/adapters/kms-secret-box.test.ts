import { Readable } from 'node:stream';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { kmsSecretBox } from '#adapters/kms-secret-box';
import { failureOf } from '#test/helpers/egress-send';

const CARRIER = Symbol.for('crucibai.aws-request-handler');
let answer: { readonly statusCode: number; readonly json: object };

// The SDK's client is real; only what carries its requests is ours.
vi.stubEnv('AWS_REGION', 'eu-west-1');
Object.assign(globalThis, {
  [CARRIER]: {
    handle: async () => ({
      response: {
        statusCode: answer.statusCode,
        headers: { 'content-type': 'application/x-amz-json-1.1' },
        body: Readable.from([Buffer.from(JSON.stringify(answer.json))]),
      },
    }),
  },
});
afterEach(() => void vi.useRealTimers());
afterAll(() => {
  delete (globalThis as { [CARRIER]?: unknown })[CARRIER];
  vi.unstubAllEnvs();
});

const open = () => kmsSecretBox('key').open('c2VhbGVk', { userId: 'alice', connectionId: 'con_1' });

it.each(['InvalidCiphertextException', 'IncorrectKeyException'])(
  'a secret of which KMS says %s is to be given again',
  async (__type) => {
    answer = { statusCode: 400, json: { __type, message: '' } };

    const failure = await failureOf(open());

    expect(failure).toMatchObject({
      name: 'ActionRejectedError',
      message: expect.stringContaining('Give it again.'),
    });
  },
);

it('what may pass, or is for operators, stays as it is', async () => {
  answer = { statusCode: 400, json: { __type: 'DisabledException', message: 'Disabled.' } };
  expect(await failureOf(open())).toMatchObject({ name: 'DisabledException' });
});

it('a secret that opens is remembered for five minutes', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-22T09:00:00Z') });
  const box = kmsSecretBox('key');
  const context = { userId: 'alice', connectionId: 'con_1' };
  answer = { statusCode: 200, json: { Plaintext: Buffer.from('hidden').toString('base64') } };
  expect(await box.open('c2VhbGVk', context)).toBe('hidden');

  answer = { statusCode: 400, json: { __type: 'DisabledException', message: '' } };
  const disabled = { name: 'DisabledException' };
  expect(await failureOf(box.open('b3RoZXI=', context))).toMatchObject(disabled);
  vi.setSystemTime('2026-11-22T09:04:59.999Z');
  expect(await box.open('c2VhbGVk', context)).toBe('hidden');
  vi.setSystemTime('2026-11-22T09:05:00Z');
  expect(await failureOf(box.open('c2VhbGVk', context))).toMatchObject(disabled);
});
