import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import {
  decodeKey,
  newSecret,
  secretProblem,
  verifyDelivery,
  WEBHOOK_SCHEMES,
} from '#core/webhook-auth/webhook-auth';
import { keys, NOW, SECRETS, sign } from './signers.ts';

const SIGNED = ['standard-webhooks', 'github', 'stripe', 'slack'] as const;
const base64 = (bytes: number) => Buffer.alloc(bytes, 0xfe).toString('base64');

describe('newSecret', () => {
  it.each(['secret', ...SIGNED] as const)('makes one for %s that an owner might give', (scheme) => {
    const one = newSecret(scheme, randomBytes);
    expect(secretProblem(scheme, one)).toBeUndefined();
    expect(newSecret(scheme, randomBytes)).not.toBe(one);
    expect(one.length).toBeGreaterThanOrEqual(32);
  });

  it.each(SIGNED)('makes one for %s that signs', (scheme) => {
    const secret = newSecret(scheme, randomBytes);
    const delivery = sign(scheme, { secret });
    const verdict = verifyDelivery(scheme, delivery, keys(scheme, secret), NOW * 1_000);
    expect(verdict.verdict).toBe('genuine');
  });

  it('makes one for Standard Webhooks that the reference library takes', () => {
    const secret = newSecret('standard-webhooks', randomBytes);
    expect(() => new Webhook(secret)).not.toThrow();
  });
});

describe('secretProblem', () => {
  it.each([
    ['secret', 'x'.repeat(16)],
    ['secret', 'x'.repeat(256)],
    ['standard-webhooks', `whsec_${base64(24)}`],
    ['standard-webhooks', `whsec_${base64(64)}`],
    ['github', SECRETS.github[0]],
    ['github', "It's a Secret to Everybody"],
    ['stripe', SECRETS.stripe[0]],
    ['slack', SECRETS.slack[0]],
  ] as const)('takes for %s: %s', (scheme, secret) => {
    expect(secretProblem(scheme, secret)).toBeUndefined();
  });

  it.each([
    ['secret', 'x'.repeat(15), '16 characters'],
    ['secret', 'x'.repeat(257), '256'],
    ['secret', 'has a space in the middle', 'spaces'],
    ['secret', 'pasted-with-its-line-end\n', 'visible'],
    ['secret', 'ключ-ключ-ключ-ключ', 'visible'],
    ['standard-webhooks', '', 'whsec_'],
    ['standard-webhooks', base64(32), 'whsec_'],
    ['standard-webhooks', `secret${base64(32)}`, 'whsec_'],
    ['standard-webhooks', `whsec_${base64(23)}`, '24 to 64'],
    ['standard-webhooks', `whsec_${base64(65)}`, '24 to 64'],
    ['standard-webhooks', `whsec_${base64(32).replace('=', '')}`, 'base64'],
    ['standard-webhooks', `whsec_${Buffer.alloc(32, 0xfe).toString('base64url')}`, 'base64'],
    ['standard-webhooks', `whsec_${base64(32)} `, 'base64'],
    ['github', `ghp_${'x'.repeat(36)}`, 'access token'],
    ['github', `github_pat_${'x'.repeat(36)}`, 'access token'],
    ['github', 'pasted-with-a-space ', 'end with a space'],
    ['github', 'short', '16 characters'],
    ['stripe', `sk_live_${'x'.repeat(24)}`, 'API key'],
    ['stripe', '', '16 characters'],
    ['slack', `xoxb-${'1'.repeat(24)}`, 'token'],
    ['slack', 'https://hooks.slack.com/services/T/B/x', 'URL'],
    ['slack', 'short', '16 characters'],
    ['none', 'x'.repeat(32), 'no secret'],
  ] as const)('says of %s %j what is wrong', (scheme, secret, said) => {
    expect(secretProblem(scheme, secret)).toContain(said);
  });

  it('never repeats the secret', () => {
    const short = 'hunter2-hunter2\n';
    for (const scheme of WEBHOOK_SCHEMES) {
      expect(secretProblem(scheme, short)).not.toContain('hunter2');
    }
  });
});

describe('decodeKey', () => {
  it('takes what is behind whsec_ as base64 for Standard Webhooks', () => {
    expect(decodeKey('standard-webhooks', `whsec_${base64(24)}`)).toEqual(Buffer.alloc(24, 0xfe));
  });

  it.each(['github', 'stripe', 'slack'] as const)('takes the characters of %s', (scheme) => {
    const [secret] = SECRETS[scheme];
    expect(decodeKey(scheme, secret).toString()).toBe(secret);
  });

  it('gives a key that verifies nothing for an impossible secret', () => {
    const secret = `whsec_${base64(16)}`;
    const delivery = sign('standard-webhooks', { secret });
    const verdict = verifyDelivery(
      'standard-webhooks',
      delivery,
      keys('standard-webhooks', secret),
      NOW * 1_000,
    );
    expect(verdict.verdict).toBe('forged');
  });
});
