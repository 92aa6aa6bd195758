import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { verifyDelivery } from '#core/webhook-auth/webhook-auth';
import { check, keys, NOW, SECRETS, sign, standardSignature, withHeaders } from './signers.ts';

const SCHEME = 'standard-webhooks';
const [SECRET, OTHER] = SECRETS[SCHEME];
const genuine = sign(SCHEME);
const signature = genuine.headers['webhook-signature'] ?? '';
const foreign = sign(SCHEME, { secret: OTHER }).headers['webhook-signature'] ?? '';

afterEach(() => void vi.useRealTimers());

describe('Standard Webhooks', () => {
  it('takes the example of the specification', () => {
    const delivery = {
      headers: {
        'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        'webhook-timestamp': '1614265330',
        'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      },
      query: {},
      body: Buffer.from('{"test": 2432232314}'),
    };
    expect(check(SCHEME, delivery, 1_614_265_330)).toEqual({
      verdict: 'genuine',
      deliveryId: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    });
  });

  it('names the delivery by its signed id', () => {
    expect(check(SCHEME, sign(SCHEME, { id: 'msg_2b-C' }))).toEqual({
      verdict: 'genuine',
      deliveryId: 'msg_2b-C',
    });
  });

  it.each([24, 25, 26, 32, 64])('takes what the library signs with a key of %i bytes', (bytes) => {
    const secret = `whsec_${Buffer.alloc(bytes, 0xfb).toString('base64')}`;
    const delivery = sign(SCHEME, { secret });
    const verdict = verifyDelivery(SCHEME, delivery, keys(SCHEME, secret), NOW * 1_000);
    expect(verdict.verdict).toBe('genuine');
  });

  describe('a re-split message', () => {
    // Signed: id `msg`, body `<NOW>.{"a":1}`. Read: id `msg.<NOW - 1>`, body `{"a":1}`.
    const signedText = `msg.${NOW - 1}.${NOW}.{"a":1}`;
    const resplit = {
      headers: {
        'webhook-id': `msg.${NOW - 1}`,
        'webhook-timestamp': String(NOW),
        'webhook-signature': standardSignature(signedText),
      },
      query: {},
      body: Buffer.from('{"a":1}'),
    };

    it('is taken by the reference library, so the danger is real', () => {
      vi.useFakeTimers({ now: NOW * 1_000 });
      expect(new Webhook(SECRET).verify(resplit.body, resplit.headers)).toEqual({ a: 1 });
    });

    it('is forged, while what was really signed is genuine', () => {
      expect(check(SCHEME, resplit)).toMatchObject({ verdict: 'forged' });
      const asSigned = {
        ...withHeaders(resplit, { 'webhook-id': 'msg', 'webhook-timestamp': String(NOW - 1) }),
        body: Buffer.from(`${NOW}.{"a":1}`),
      };
      expect(check(SCHEME, asSigned)).toMatchObject({ verdict: 'genuine' });
    });
  });

  it.each(['a.b', '.', 'a b', 'a\n', 'é', 'a,b', 'a/b', 'x'.repeat(129), ''])(
    'refuses the id %j even when it is signed',
    (id) => {
      const at = String(NOW);
      expect(check(SCHEME, sign(SCHEME, { id, at })).verdict).toBe('forged');
    },
  );

  it('takes an id of 128 characters', () => {
    expect(check(SCHEME, sign(SCHEME, { id: 'x'.repeat(128) })).verdict).toBe('genuine');
  });

  it('signs the bytes of a body that is no UTF-8', () => {
    const body = Buffer.from([0x22, 0xff, 0x22]);
    const headers = {
      'webhook-signature': standardSignature(Buffer.concat([Buffer.from(`msg_1.${NOW}.`), body])),
    };
    const delivery = { ...withHeaders(genuine, headers), body };
    expect(check(SCHEME, delivery).verdict).toBe('genuine');
    const replaced = { ...delivery, body: Buffer.from([0x22, 0xfe, 0x22]) };
    expect(check(SCHEME, replaced).verdict).toBe('forged');
  });

  it.each([
    ['first', `${signature} ${foreign}`],
    ['last', `${foreign} ${signature}`],
    ['after one of another version', `v1a,${'A'.repeat(86)}== ${signature}`],
    ['after rubbish', `v1 v1, , v1,AAAA ,v1 ${signature}`],
    ['between many', `${`${foreign} `.repeat(20)}${signature}${` ${foreign}`.repeat(20)}`],
  ])('takes a list whose fitting signature is %s', (_name, list) => {
    const delivery = withHeaders(genuine, { 'webhook-signature': list });
    expect(check(SCHEME, delivery).verdict).toBe('genuine');
  });

  it.each([
    ['foreign signatures only', `${foreign} ${foreign}`],
    ['no version', signature.slice('v1,'.length)],
    ['another version', signature.replace('v1,', 'v2,')],
    ['hex instead of base64', `v1,${Buffer.from(signature.slice(3), 'base64').toString('hex')}`],
    ['the URL alphabet', signature.replace('/', '_').replace('+', '-').replace('=', '')],
    ['spare bits in its last character', signature.replace(/.=$/, (end) => `${next(end)}=`)],
    ['commas between signatures', `${foreign},${signature}`],
    ['nothing', ''],
    ['a comma', ','],
  ])('refuses a list with %s', (_name, list) => {
    const delivery = withHeaders(genuine, { 'webhook-signature': list });
    expect(check(SCHEME, delivery).verdict).toBe('forged');
  });

  it.each(['webhook-id', 'webhook-timestamp'])(
    'refuses a repeated %s, as gateways join it',
    (name) => {
      const twice = `${genuine.headers[name]},${genuine.headers[name]}`;
      expect(check(SCHEME, withHeaders(genuine, { [name]: twice })).verdict).toBe('forged');
    },
  );
});

/** The base64 character after this one: it differs in the lowest bit, which stands for nothing here. */
function next(end: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  return alphabet.charAt(alphabet.indexOf(end.charAt(0)) + 1);
}
