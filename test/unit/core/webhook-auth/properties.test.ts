import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type KeyScheme,
  type UnverifiedDelivery,
  verifyDelivery,
  WEBHOOK_SCHEMES,
} from '#core/webhook-auth/webhook-auth';
import { check, digest, keys, NOW, SECRETS, sign } from './signers.ts';

const SIGNED: readonly KeyScheme[] = ['standard-webhooks', 'github', 'stripe', 'slack'];
const HEADERS = [
  'x-webhook-secret',
  'webhook-id',
  'webhook-timestamp',
  'webhook-signature',
  'x-hub-signature',
  'x-hub-signature-256',
  'x-github-delivery',
  'stripe-signature',
  'x-slack-signature',
  'x-slack-request-timestamp',
];
const MEBIBYTE = 1_048_576;

/** Texts made of what the headers are made of, so that many are nearly right. */
const nearlyHeader = fc
  .array(
    fc
      .constantFrom('v1,', 'v1=', 'v0=', 't=', 'sha256=', ',', ' ', '=', '.', ':', '\0', '\n', 'é')
      .map(String),
    { maxLength: 20 },
  )
  .chain((labels) =>
    fc
      .array(fc.constantFrom(String(NOW), 'a'.repeat(64), `${'A'.repeat(43)}=`, 'x', ''), {
        minLength: labels.length,
        maxLength: labels.length,
      })
      .map((values) => labels.map((label, at) => label + values[at]).join('')),
  );
const headerValue = fc.oneof(
  nearlyHeader,
  fc.string({ unit: 'binary', maxLength: 80 }),
  // What no gateway sends, and our types exclude.
  fc.constantFrom<unknown>(undefined, null, 7, {}, [], ['a', 'b'], true),
);
const hostileHeaders = fc.dictionary(fc.constantFrom(...HEADERS), headerValue);
const anyBody = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));
const stored = (scheme: (typeof WEBHOOK_SCHEMES)[number]) =>
  scheme === 'secret' || scheme === 'none' ? [digest('correct-horse-battery')] : keys(scheme);

describe.each(SIGNED)('whatever is signed as %s', (scheme) => {
  it('is genuine, and forged after any change of one bit of its body', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.nat(), (text, at) => {
        const genuine = sign(scheme, { body: text });
        expect(check(scheme, genuine).verdict).not.toBe('forged');
        if (genuine.body.length === 0) return;
        const body = Buffer.from(genuine.body);
        const bit = at % (body.length * 8);
        body[bit >> 3] = (body[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(check(scheme, { ...genuine, body }).verdict).toBe('forged');
      }),
    );
  });

  it('is forged with any other body, time or id', () => {
    const otherwise = fc.tuple(
      anyBody,
      fc.integer({ min: -300, max: 300 }),
      fc.stringMatching(/^[\w-]{1,40}$/),
    );
    fc.assert(
      fc.property(otherwise, otherwise, (one, two) => {
        const [body, shift, id] = one;
        const [otherBody, otherShift, otherId] = two;
        const signed = sign(scheme, { body: body.toString('latin1'), at: NOW + shift, id });
        const asked = sign(scheme, {
          body: otherBody.toString('latin1'),
          at: NOW + otherShift,
          id: otherId,
        });
        const mixed = {
          ...asked,
          headers: { ...asked.headers, ...signatureHeader(scheme, signed, NOW + otherShift) },
        };
        const same =
          signed.body.equals(asked.body) &&
          (scheme === 'github' || shift === otherShift) &&
          (scheme !== 'standard-webhooks' || id === otherId);
        expect(check(scheme, mixed).verdict === 'genuine').toBe(same);
      }),
    );
  });
});

describe('a hostile request', () => {
  it.each(WEBHOOK_SCHEMES.filter((scheme) => scheme !== 'none'))(
    'of any form is forged by %s, and nothing throws',
    (scheme) => {
      fc.assert(
        fc.property(
          hostileHeaders,
          hostileHeaders,
          anyBody,
          fc.double(),
          (headers, query, body, now) => {
            const delivery = { headers, query, body } as unknown as UnverifiedDelivery;
            for (const at of [NOW * 1_000, now]) {
              const verdict = verifyDelivery(scheme, delivery, stored(scheme), at);
              expect(verdict.verdict).toBe('forged');
            }
          },
        ),
        { numRuns: 1_000 },
      );
    },
  );

  it('finds nothing of itself or of the secret in the reason', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SIGNED),
        fc.stringMatching(/^[!-~]{8,40}$/),
        (scheme, text) => {
          const headers = Object.fromEntries(HEADERS.map((name) => [name, text]));
          const verdict = check(scheme, {
            headers,
            query: { secret: text },
            body: Buffer.from(text),
          });
          const said = JSON.stringify(verdict);
          expect(said).not.toContain(text);
          expect(said).not.toContain(SECRETS[scheme][0]);
        },
      ),
    );
  });

  const shapes: readonly [string, string][] = [
    ['commas', ','],
    ['spaces', ' '],
    ['equals signs', '='],
    ['letters', 'a'],
    ['digits', '1'],
    ['empty signatures', 'v1, '],
    ['Stripe signatures', `v1=${'a'.repeat(64)},`],
    ['Stripe times', `t=${NOW},`],
    ['Standard signatures', `v1,${'A'.repeat(43)}= `],
    ['nearly a signature', `v1,${'A'.repeat(43)}`],
  ];

  it.each(shapes)('with a mebibyte of %s in every header is answered soon', (_name, piece) => {
    const long = piece.repeat(Math.ceil(MEBIBYTE / piece.length));
    for (const scheme of SIGNED) {
      const genuine = sign(scheme);
      for (const name of Object.keys(genuine.headers)) {
        const started = performance.now();
        const value = scheme === 'stripe' ? `t=${NOW},${long}` : long;
        check(scheme, { ...genuine, headers: { ...genuine.headers, [name]: value } });
        expect(performance.now() - started).toBeLessThan(1_000);
      }
    }
  });
});

/** Only the signature of a delivery, next to a time that it may not have been made for. */
function signatureHeader(scheme: KeyScheme, signed: UnverifiedDelivery, at: number) {
  if (scheme === 'stripe') {
    return { 'stripe-signature': `t=${at},${signed.headers['stripe-signature']?.split(',')[1]}` };
  }
  const name = {
    'standard-webhooks': 'webhook-signature',
    github: 'x-hub-signature-256',
    slack: 'x-slack-signature',
  }[scheme];
  return { [name]: signed.headers[name] ?? '' };
}
