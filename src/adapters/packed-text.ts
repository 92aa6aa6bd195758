import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** First byte of a text that was packed with the dictionary below. */
const VERSION = 1;

/**
 * What states of steps have in common, the commonest last. It is part of what is stored: a change needs a
 * new version beside this one.
 */
const DICTIONARY = Buffer.from(
  [
    '"asksAgain":"","covers":{"path":"","config":{"kind":"object","key":"runs/","bytes":{"kind":"item","name":"',
    '{"kind":"inline","json":"{\\"body\\":{\\"email\\":\\"","name\\":\\"},\\"headers\\":{\\"content-type\\":\\"application/json\\",\\"user-agent\\":\\"Mozilla/5.0',
    '\\"content-length\\":\\"\\"},\\"query\\":{},\\"received_at\\":\\"2026-01-01T00:00:00.000Z\\"}"}',
    '[{"at":"2026-01-01T00:00:00.000Z","level":"info","step":null,"message":"Run started by webhook."},{"at":"',
    '","level":"info","step":"0","message":"POST https:// answered 200 ( ms)"},"level":"info","step":null,"message":"Run succeeded."}]',
    '"isReused":true,"costUsd":0.0,"itemsDone":,"waitUntil":"","retryAt":"',
    '"failures":[{"code":"action_unavailable","message":"The step took longer than its ","at":"',
    '"error":{"code":"action_rejected","message":"The resolved config is not valid. ',
    '"type":"approval","type":"delay","type":"branch","type":"for_each","type":"run_agent","type":"email","type":"slack"',
    '{\\"decision\\":\\"approved\\",\\"decided_by\\":\\"owner\\",\\"decided_at\\":\\"","comment\\":null}',
    '"status":"skipped","status":"running","status":"waiting","status":"failed"',
    '"output":{"kind":"inline","json":"{\\"status\\":200,\\"headers\\":{\\"content-type\\":\\"application/json; charset=utf-8\\",',
    '\\"date\\":\\"Mon, 01 Jan 2026 00:00:00 GMT\\",\\"connection\\":\\"keep-alive\\",\\"keep-alive\\":\\"timeout=5\\",',
    '\\"server\\":\\"\\",\\"transfer-encoding\\":\\"chunked\\",\\"content-length\\":\\"\\"},\\"json\\":{\\"id\\":\\"\\",\\"ok\\":true},\\"text\\":null}"}',
    '"summary":"POST https:// answered 200","summary":"GET https://',
    '"input":{"kind":"inline","json":"{\\"method\\":\\"POST\\",\\"url\\":\\"https://\\",\\"headers\\":{},\\"body\\":{\\"',
    '{"path":"0","index":0,"id":"","type":"http","attempts":1,"status":"success","startedAt":"2026-01-01T00:00:00.000Z","finishedAt":"2026-01-01T',
  ].join(''),
);

/** A fraction of the usual memory, which takes longer to get than the work itself: most states are small. */
const SMALL = { windowBits: 13, memLevel: 5 };

/**
 * A JSON text in few bytes: the table bills by the kilobyte, and a run's item is written again at
 * every checkpoint.
 */
export function pack(text: string): Uint8Array {
  const packed = deflateRawSync(text, { dictionary: DICTIONARY, ...SMALL });
  return Buffer.concat([Buffer.of(VERSION), packed]);
}

/**
 * The text that was packed.
 *
 * @throws Error for what {@link pack} has not made
 */
export function unpack(stored: unknown): string {
  // Before texts were packed, they were stored as they are.
  if (typeof stored === 'string') return stored;
  if (!(stored instanceof Uint8Array) || stored[0] !== VERSION) {
    throw new Error('A stored text has a form that is not known here.');
  }
  return inflateRawSync(stored.subarray(1), { dictionary: DICTIONARY }).toString();
}
