import { createHash, createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import {
  decodeKey,
  type KeyScheme,
  type Secret,
  type UnverifiedDelivery,
  type Verdict,
  verifyDelivery,
} from '#core/webhook-auth/webhook-auth';

/** The time of every test: 2026-08-01T00:00:00Z, as Unix seconds. */
export const NOW = 1_785_542_400;

/** One secret and one other for each scheme that signs, in the form that its senders use. */
export const SECRETS: Record<KeyScheme, readonly [string, string]> = {
  'standard-webhooks': [
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    `whsec_${Buffer.alloc(64, 7).toString('base64')}`,
  ],
  github: ['7f1c5c8d1c1d4f0d9e5b', 'a-second-secret-for-github'],
  stripe: ['whsec_J5bXf4kE0tq8vLmN2pQ', 'whsec_second-secret-of-stripe'],
  slack: ['8f742231b10e8888abcd99yyyzzz85a5', '00112233445566778899aabbccddeeff'],
};

/** What to sign; everything has a default. */
export type SignOptions = {
  readonly body?: string | Buffer;
  /** Unix seconds; a text is signed as it is written. */
  readonly at?: number | string;
  readonly id?: string;
  readonly secret?: string;
};

const DEFAULT_BODY = '{"id":"evt_1","event_id":"Ev1","email":"ada@example.com"}';

/** Signs as each provider does, written apart from the product; Standard Webhooks by its own library. */
export function sign(scheme: KeyScheme, options: SignOptions = {}): UnverifiedDelivery {
  const { at = NOW, id = 'msg_1', secret = SECRETS[scheme][0] } = options;
  const body = Buffer.from(options.body ?? DEFAULT_BODY);
  const hex = (prefix: string) =>
    createHmac('sha256', secret)
      .update(Buffer.concat([Buffer.from(prefix), body]))
      .digest('hex');
  const headers = {
    'standard-webhooks': () => ({
      'webhook-id': id,
      'webhook-timestamp': String(at),
      'webhook-signature':
        typeof at === 'number'
          ? new Webhook(secret).sign(id, new Date(at * 1_000), body)
          : standardSignature(`${id}.${at}.${body}`, secret),
    }),
    github: () => ({ 'x-hub-signature-256': `sha256=${hex('')}`, 'x-github-delivery': id }),
    stripe: () => ({ 'stripe-signature': `t=${at},v1=${hex(`${at}.`)}` }),
    slack: () => ({
      'x-slack-request-timestamp': String(at),
      'x-slack-signature': `v0=${hex(`v0:${at}:`)}`,
    }),
  }[scheme]();
  return { headers, query: {}, body };
}

/** A raw Standard Webhooks signature, for content that the library itself would not sign as it is. */
export function standardSignature(
  content: string | Buffer,
  secret = SECRETS['standard-webhooks'][0],
) {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
}

/** Secrets of a scheme as the product keeps them. */
export function keys(scheme: KeyScheme, ...secrets: readonly string[]): readonly Secret[] {
  const chosen = secrets.length === 0 ? [SECRETS[scheme][0]] : secrets;
  return chosen.map((secret) => ({ kind: 'key', key: decodeKey(scheme, secret) }));
}

/** A plain secret as the product keeps it. */
export function digest(secret: string): Secret {
  return { kind: 'digest', sha256: createHash('sha256').update(secret).digest('hex') };
}

/** Checks a delivery at the time of the tests, with the first secret of the scheme. */
export function check(scheme: KeyScheme, delivery: UnverifiedDelivery, nowSeconds = NOW): Verdict {
  return verifyDelivery(scheme, delivery, keys(scheme), nowSeconds * 1_000);
}

/** The same delivery with other headers. */
export function withHeaders(
  delivery: UnverifiedDelivery,
  headers: Readonly<Record<string, string>>,
): UnverifiedDelivery {
  return { ...delivery, headers: { ...delivery.headers, ...headers } };
}

/** The same text with one bit of one character changed, in each place of each of its low seven bits. */
export function bitFlips(text: string): readonly string[] {
  return [...text].flatMap((character, at) =>
    [1, 2, 4, 8, 16, 32, 64].map(
      (bit) =>
        text.slice(0, at) + String.fromCharCode(character.charCodeAt(0) ^ bit) + text.slice(at + 1),
    ),
  );
}
