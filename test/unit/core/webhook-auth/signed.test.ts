import { describe, expect, it } from 'vitest';
import {
  type KeyScheme,
  type UnverifiedDelivery,
  verifyDelivery,
} from '#core/webhook-auth/webhook-auth';
import { bitFlips, check, digest, keys, NOW, SECRETS, sign, withHeaders } from './signers.ts';

const SIGNED: readonly KeyScheme[] = ['standard-webhooks', 'github', 'stripe', 'slack'];
const TIMED: readonly KeyScheme[] = ['standard-webhooks', 'stripe', 'slack'];

/** The header that holds the signature. */
const SIGNATURE: Record<KeyScheme, string> = {
  'standard-webhooks': 'webhook-signature',
  github: 'x-hub-signature-256',
  stripe: 'stripe-signature',
  slack: 'x-slack-signature',
};

function signatureOf(scheme: KeyScheme, delivery: UnverifiedDelivery): string {
  return delivery.headers[SIGNATURE[scheme]] ?? '';
}

describe.each(SIGNED)('a delivery signed as %s', (scheme) => {
  const genuine = sign(scheme);

  it('is genuine', () => {
    expect(check(scheme, genuine)).toMatchObject({ verdict: 'genuine' });
  });

  it('is genuine with an empty body', () => {
    expect(check(scheme, sign(scheme, { body: '' }))).toMatchObject({ verdict: 'genuine' });
  });

  it.each([
    ['another key order', '{"event_id":"Ev1","id":"evt_1","email":"ada@example.com"}'],
    ['more white space', '{"id": "evt_1","event_id":"Ev1","email":"ada@example.com"}'],
    ['an end of line', '{"id":"evt_1","event_id":"Ev1","email":"ada@example.com"}\n'],
    ['no body', ''],
  ])('is forged once its body has %s', (_name, body) => {
    expect(check(scheme, { ...genuine, body: Buffer.from(body) })).toMatchObject({
      verdict: 'forged',
    });
  });

  it('is forged after a change of any one bit of its body', () => {
    for (let bit = 0; bit < genuine.body.length * 8; bit += 1) {
      const body = Buffer.from(genuine.body);
      body[bit >> 3] = (body[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(check(scheme, { ...genuine, body }).verdict).toBe('forged');
    }
  });

  it('is forged after a change of any one bit of any signed header', () => {
    for (const [name, value] of Object.entries(genuine.headers)) {
      if (name === 'x-github-delivery') continue;
      for (const changed of bitFlips(value)) {
        const verdict = check(scheme, withHeaders(genuine, { [name]: changed }));
        expect(verdict.verdict, `${name}: ${changed}`).toBe('forged');
      }
    }
  });

  it.each([
    ['one character shorter', (text: string) => text.slice(0, -1)],
    ['one character longer', (text: string) => `${text}0`],
    ['longer by half', (text: string) => `${text}${text.slice(-44)}`],
    ['half', (text: string) => text.slice(0, text.length / 2)],
    ['empty', () => ''],
    ['without its label', (text: string) => text.replace(/^.*[=,](?=.{40})/, '')],
    ['in capitals', (text: string) => text.toUpperCase()],
    ['followed by an end of line', (text: string) => `${text}\n`],
  ])('is forged when its signature is %s', (_name, change) => {
    const headers = { [SIGNATURE[scheme]]: change(signatureOf(scheme, genuine)) };
    expect(check(scheme, withHeaders(genuine, headers))).toMatchObject({ verdict: 'forged' });
  });

  it('is forged when any one of its signed headers is missing', () => {
    for (const name of Object.keys(genuine.headers)) {
      if (name === 'x-github-delivery') continue;
      const { [name]: _, ...headers } = genuine.headers;
      expect(check(scheme, { ...genuine, headers })).toMatchObject({ verdict: 'forged' });
    }
  });

  it('is forged when another secret signed it', () => {
    const other = sign(scheme, { secret: SECRETS[scheme][1] });
    expect(check(scheme, other)).toEqual({
      verdict: 'forged',
      reason: expect.stringContaining('does not match'),
    });
  });

  it('is genuine with either of two active secrets, and forged when the old one has gone', () => {
    const [old, fresh] = SECRETS[scheme];
    const byOld = sign(scheme, { secret: old });
    const byFresh = sign(scheme, { secret: fresh });
    const verdict = (delivery: UnverifiedDelivery, ...active: string[]) =>
      verifyDelivery(scheme, delivery, keys(scheme, ...active), NOW * 1_000).verdict;
    expect(verdict(byOld, fresh, old)).toBe('genuine');
    expect(verdict(byFresh, fresh, old)).toBe('genuine');
    expect(verdict(byOld, fresh)).toBe('forged');
  });

  it.each([
    ['no secret', []],
    ['an empty key', [{ kind: 'key' as const, key: Buffer.alloc(0) }]],
    ['the digest of a plain secret', [digest(SECRETS[scheme][0])]],
  ])('is forged when %s is stored', (_name, secrets) => {
    expect(verifyDelivery(scheme, genuine, secrets, NOW * 1_000)).toEqual({
      verdict: 'forged',
      reason: 'No signing secret is stored for this webhook.',
    });
  });

  it('is forged when it is signed with an empty key and that is what is stored', () => {
    const empty = [{ kind: 'key' as const, key: Buffer.alloc(0) }];
    const delivery =
      scheme === 'standard-webhooks'
        ? sign(scheme, { secret: 'whsec_', at: String(NOW) })
        : sign(scheme, { secret: '' });
    expect(verifyDelivery(scheme, delivery, empty, NOW * 1_000).verdict).toBe('forged');
  });

  it('keeps different bytes apart that are no UTF-8', () => {
    const one = Buffer.from([0x7b, 0xff, 0x7d]);
    const two = Buffer.from([0x7b, 0xfe, 0x7d]);
    expect(one.toString()).toBe(two.toString());
    if (scheme !== 'standard-webhooks') {
      expect(check(scheme, sign(scheme, { body: one })).verdict).toBe('genuine');
    }
    expect(check(scheme, { ...sign(scheme, { body: one }), body: two }).verdict).toBe('forged');
  });
});

describe.each(TIMED)('the time of a delivery signed as %s', (scheme) => {
  it.each([
    [0, 'genuine'],
    [299, 'genuine'],
    [300, 'genuine'],
    [301, 'forged'],
    [86_400, 'forged'],
  ])('%i s old or ahead means %s', (seconds, verdict) => {
    expect(check(scheme, sign(scheme, { at: NOW - seconds })).verdict).toBe(verdict);
    expect(check(scheme, sign(scheme, { at: NOW + seconds })).verdict).toBe(verdict);
  });

  it('tells the owner which way a clock is wrong', () => {
    expect(check(scheme, sign(scheme, { at: NOW - 301 }))).toMatchObject({
      reason: expect.stringContaining('more than five minutes old'),
    });
    expect(check(scheme, sign(scheme, { at: NOW + 301 }))).toMatchObject({
      reason: expect.stringContaining('more than five minutes ahead'),
    });
  });

  it('is never in time for a clock that has no time', () => {
    expect(check(scheme, sign(scheme), Number.NaN).verdict).toBe('forged');
  });

  it.each([
    `${NOW}abc`,
    `${NOW}.0`,
    ` ${NOW}`,
    `+${NOW}`,
    `0${NOW}`,
    `${NOW}000`,
    `${NOW}\n`,
    '1.7855424e9',
    '0x6a6d3f80',
    '١٧٨٥٥٤٢٤٠٠',
    '',
    'NaN',
  ])('must be ten digits, not %j, even when that is signed', (at) => {
    expect(check(scheme, sign(scheme, { at })).verdict).toBe('forged');
  });
});
