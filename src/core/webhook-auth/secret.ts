import { createHash } from 'node:crypto';
import { hexDigest, isSameDigest } from '#core/webhook-auth/digest';
import {
  forged,
  headerOf,
  type SchemeRules,
  type UnverifiedDelivery,
} from '#core/webhook-auth/scheme';
import { sentSecretProblem } from '#core/webhook-auth/text-secret';

/**
 * A password: the caller sends the secret itself. The query is for callers that cannot set headers,
 * and weaker, because URLs end up in logs. Nothing ties the secret to the body or to a time.
 */
export const secret: SchemeRules = {
  verify(delivery, secrets) {
    const stored = secrets.flatMap((each) =>
      each.kind === 'digest' ? hexDigest('', each.sha256) : [],
    );
    if (stored.length === 0) return forged('No secret is stored for this webhook.');
    const offered = offeredSecret(delivery);
    if (offered === '') return forged('The X-Webhook-Secret header is missing.');
    const digest = createHash('sha256').update(offered).digest();
    return stored.some((each) => isSameDigest(each, digest))
      ? { verdict: 'genuine' }
      : forged('The secret is wrong.');
  },
  secretProblem: sentSecretProblem,
  newSecret: (randomBytes) => `whsec_${Buffer.from(randomBytes(32)).toString('base64url')}`,
};

function offeredSecret(delivery: UnverifiedDelivery): string {
  if (delivery.headers['x-webhook-secret'] !== undefined) {
    return headerOf(delivery, 'x-webhook-secret');
  }
  const value: unknown = delivery.query['secret'];
  return typeof value === 'string' ? value : '';
}
