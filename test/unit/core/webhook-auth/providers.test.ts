import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type UnverifiedDelivery,
  verifyDelivery,
  type WebhookScheme,
} from '#core/webhook-auth/webhook-auth';
import { check, digest, keys, NOW, SECRETS, sign, withHeaders } from './signers.ts';

const CHALLENGE = JSON.stringify({ token: 't', challenge: '3eZbrw1aB', type: 'url_verification' });

describe('GitHub', () => {
  it('takes the example of its documentation', () => {
    const delivery = {
      headers: {
        'x-hub-signature-256':
          'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
      },
      query: {},
      body: Buffer.from('Hello, World!'),
    };
    const stored = keys('github', "It's a Secret to Everybody");
    expect(verifyDelivery('github', delivery, stored, 0)).toEqual({ verdict: 'genuine' });
  });

  it('names the delivery by X-GitHub-Delivery', () => {
    const id = '72d3162e-cc78-11e3-81ab-4c9367dc0958';
    expect(check('github', sign('github', { id }))).toEqual({ verdict: 'genuine', deliveryId: id });
  });

  it.each(['', 'a b', 'x'.repeat(129), 'a,b', 'a\0'])(
    'names no delivery by %j, which is not signed and cannot be an id',
    (id) => {
      expect(check('github', sign('github', { id }))).toEqual({ verdict: 'genuine' });
    },
  );

  it('says so when only the SHA-1 signature came', () => {
    const delivery = { ...sign('github'), headers: { 'x-hub-signature': 'sha1=00' } };
    expect(check('github', delivery)).toMatchObject({ reason: expect.stringContaining('SHA-1') });
  });

  it('refuses two signatures in one header', () => {
    const { headers, ...rest } = sign('github');
    const one = headers['x-hub-signature-256'];
    for (const both of [`${one},${one}`, `${one}, ${one}`, `${one} ${one}`]) {
      const delivery = { ...rest, headers: { 'x-hub-signature-256': both } };
      expect(check('github', delivery).verdict).toBe('forged');
    }
  });
});

describe('Stripe', () => {
  const genuine = sign('stripe');
  const fitting = genuine.headers['stripe-signature'] ?? '';
  const hex = fitting.slice(-64);
  const other = sign('stripe', { secret: SECRETS.stripe[1] }).headers['stripe-signature'] ?? '';

  it('names the delivery by the id of the event', () => {
    const body = '{"id":"evt_1NG8Du2eZvKYlo2CUI79vXWy","object":"event"}';
    expect(check('stripe', sign('stripe', { body }))).toEqual({
      verdict: 'genuine',
      deliveryId: 'evt_1NG8Du2eZvKYlo2CUI79vXWy',
    });
  });

  it.each([
    ['the fitting signature first', `t=${NOW},v1=${hex},v1=${other.slice(-64)}`],
    ['the fitting signature last', `t=${NOW},v1=${other.slice(-64)},v1=${hex}`],
    ['a signature of the test scheme', `t=${NOW},v1=${hex},v0=${other.slice(-64)}`],
    ['the time last', `v1=${hex},t=${NOW}`],
    ['something new', `t=${NOW},v1=${hex},v2=x,y`],
  ])('takes a header with %s', (_name, header) => {
    const delivery = withHeaders(genuine, { 'stripe-signature': header });
    expect(check('stripe', delivery).verdict).toBe('genuine');
  });

  it.each([
    ['the signature as v0', `t=${NOW},v0=${hex}`],
    ['no time', `v1=${hex}`],
    ['an empty time', `t=,v1=${hex}`],
    ['two times', `t=${NOW - 900},t=${NOW},v1=${hex}`],
    ['the same time twice', `t=${NOW},t=${NOW},v1=${hex}`],
    ['two headers joined', `${fitting},${fitting}`],
    ['no signature', `t=${NOW}`],
    ['spaces', `t=${NOW}, v1=${hex}`],
    ['a time with a tail', `t=${NOW}=1,v1=${hex}`],
    ['nothing', ''],
    ['commas', ',,,='],
  ])('refuses a header with %s', (_name, header) => {
    const delivery = withHeaders(genuine, { 'stripe-signature': header });
    expect(check('stripe', delivery).verdict).toBe('forged');
  });
});

describe('Slack', () => {
  it('takes the example of its documentation', () => {
    const delivery = {
      headers: {
        'x-slack-request-timestamp': '1531420618',
        'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
      },
      query: {},
      body: Buffer.from(
        'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
      ),
    };
    expect(check('slack', delivery, 1_531_420_618).verdict).toBe('genuine');
  });

  it('names the delivery by the id of the event', () => {
    const body = '{"type":"event_callback","event_id":"Ev08MFMKH6"}';
    expect(check('slack', sign('slack', { body }))).toEqual({
      verdict: 'genuine',
      deliveryId: 'Ev08MFMKH6',
    });
  });

  it('answers a url_verification with its challenge', () => {
    expect(check('slack', sign('slack', { body: CHALLENGE }))).toEqual({
      verdict: 'challenge',
      answer: { challenge: '3eZbrw1aB' },
    });
  });

  it.each([
    ['unsigned', {}],
    ['signed with another secret', sign('slack', { body: CHALLENGE, secret: 'x' }).headers],
    ['signed too long ago', sign('slack', { body: CHALLENGE, at: NOW - 301 }).headers],
  ])('answers no url_verification that is %s', (_name, headers) => {
    const delivery = { headers, query: {}, body: Buffer.from(CHALLENGE) };
    expect(check('slack', delivery).verdict).toBe('forged');
  });

  it.each([
    '{"type":"url_verification"}',
    '{"type":"url_verification","challenge":{}}',
    '[{"type":"url_verification","challenge":"c"}]',
    '{"__proto__":{"type":"url_verification","challenge":"c"}}',
    'type=url_verification&challenge=c',
  ])('takes %s as an ordinary delivery', (body) => {
    expect(check('slack', sign('slack', { body })).verdict).toBe('genuine');
  });

  it('refuses the older v1 and a second signature', () => {
    const genuine = sign('slack');
    const one = genuine.headers['x-slack-signature'] ?? '';
    for (const text of [one.replace('v0', 'v1'), `${one},${one}`, `${one} ${one}`]) {
      const delivery = withHeaders(genuine, { 'x-slack-signature': text });
      expect(check('slack', delivery).verdict).toBe('forged');
    }
  });
});

describe.each(['stripe', 'slack'] as const)('a %s body that names no event', (scheme) => {
  const idOf = (delivery: UnverifiedDelivery) => {
    const verdict = check(scheme, delivery);
    return verdict.verdict === 'genuine' ? verdict.deliveryId : verdict;
  };

  it.each(['', '[]', 'null', '"evt_1"', '{"id":7,"event_id":7}', '{"id":"a b","event_id":"a\\n"}'])(
    'is known again when a copy of %s comes',
    (body) => {
      const first = idOf(sign(scheme, { body }));
      expect(first).toMatch(/^sha256-[0-9a-f]{64}$/);
      expect(idOf(sign(scheme, { body }))).toBe(first);
      expect(idOf(sign(scheme, { body, at: NOW - 1 }))).not.toBe(first);
      expect(idOf(sign(scheme, { body: `${body} ` }))).not.toBe(first);
    },
  );

  it('may be JSON nested a million deep', () => {
    expect(idOf(sign(scheme, { body: '['.repeat(1_048_576) }))).toMatch(/^sha256-/);
  });
});

describe('a plain secret', () => {
  const SECRET = 'correct-horse-battery';
  const at = (headers: Record<string, string>, query: Record<string, string> = {}) =>
    verifyDelivery('secret', { headers, query, body: Buffer.from('[]') }, [digest(SECRET)], 0);

  it('is taken from the header or the query', () => {
    expect(at({ 'x-webhook-secret': SECRET })).toEqual({ verdict: 'genuine' });
    expect(at({}, { secret: SECRET })).toEqual({ verdict: 'genuine' });
  });

  it.each([
    ['wrong in one character', { 'x-webhook-secret': `${SECRET.slice(0, -1)}Y` }, {}],
    ['too long', { 'x-webhook-secret': `${SECRET}x` }, {}],
    ['too short', { 'x-webhook-secret': SECRET.slice(0, -1) }, {}],
    ['the stored digest itself', { 'x-webhook-secret': sha256(SECRET) }, {}],
    ['sent twice, as gateways join it', { 'x-webhook-secret': `${SECRET},${SECRET}` }, {}],
    ['wrong in the header, right in the query', { 'x-webhook-secret': 'x' }, { secret: SECRET }],
    ['empty', { 'x-webhook-secret': '' }, {}],
    ['missing', {}, {}],
  ])('is refused when it is %s', (_name, headers: Record<string, string>, query) => {
    expect(at(headers, query)).toMatchObject({ verdict: 'forged' });
  });

  it('may be either of two while they rotate', () => {
    const other = 'another-horse-battery';
    const delivery = { headers: { 'x-webhook-secret': other }, query: {}, body: Buffer.alloc(0) };
    const active = [digest(SECRET), digest(other)];
    expect(verifyDelivery('secret', delivery, active, 0).verdict).toBe('genuine');
    expect(verifyDelivery('secret', delivery, active.slice(0, 1), 0).verdict).toBe('forged');
  });

  it.each([
    ['nothing', []],
    ['an empty digest', [{ kind: 'digest' as const, sha256: '' }]],
    ['half a digest', [{ kind: 'digest' as const, sha256: sha256('').slice(32) }]],
    ['the digest of nothing', [digest('')]],
    ['a key', keys('github', 'a-secret-of-github')],
  ])('is never right when %s is stored', (_name, stored) => {
    for (const offered of ['', 'a-secret-of-github', SECRET]) {
      const headers = { 'x-webhook-secret': offered };
      const delivery = { headers, query: { secret: offered }, body: Buffer.alloc(0) };
      expect(verifyDelivery('secret', delivery, stored, 0).verdict).toBe('forged');
    }
  });

  it('tells the owner when none is stored', () => {
    const headers = { 'x-webhook-secret': SECRET };
    const verdict = verifyDelivery('secret', { headers, query: {}, body: Buffer.alloc(0) }, [], 0);
    expect(verdict).toEqual({
      verdict: 'forged',
      reason: 'No secret is stored for this webhook.',
    });
  });
});

describe('verifyDelivery', () => {
  it('lets everybody in at an open door', () => {
    const delivery = { headers: {}, query: {}, body: Buffer.from('[]') };
    expect(verifyDelivery('none', delivery, [], 0)).toEqual({ verdict: 'genuine' });
  });

  it.each(['', 'None', 'constructor', '__proto__', 'hmac'])(
    'stays shut when the stored scheme is %j',
    (scheme) => {
      const delivery = { headers: {}, query: {}, body: Buffer.alloc(0) };
      const verdict = verifyDelivery(scheme as WebhookScheme, delivery, [], 0);
      expect(verdict.verdict).toBe('forged');
    },
  );

  it('does not take one scheme for another', () => {
    const key = 'one-secret-for-all-of-them';
    const stored = [{ kind: 'key' as const, key: Buffer.from(key) }];
    const body = Buffer.from('{}');
    const hex = createHmac('sha256', key).update(body).digest('hex');
    const headers = { 'x-hub-signature-256': `sha256=${hex}` };
    for (const scheme of ['standard-webhooks', 'stripe', 'slack', 'secret'] as const) {
      const verdict = verifyDelivery(scheme, { headers, query: {}, body }, stored, NOW * 1_000);
      expect(verdict.verdict).toBe('forged');
    }
  });
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
