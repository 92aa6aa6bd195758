import { signatureProblem } from '#core/webhook-auth/digest';
import { isDeliveryId } from '#core/webhook-auth/event-id';
import { forged, headerOf, type KeySchemeRules } from '#core/webhook-auth/scheme';
import { timestampProblem } from '#core/webhook-auth/timestamp';

const PREFIX = 'whsec_';
const MIN_KEY_BYTES = 24;
const MAX_KEY_BYTES = 64;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * A version 1 signature: 32 bytes in base64. The last character may only be one whose unused bits are
 * zero, so that each signature has one spelling.
 */
const SIGNATURE = /^v1,([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)$/;

/**
 * Standard Webhooks (standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, base64, one or more
 * in a list. Ids with a dot are refused, because the parts of the signed text could be cut
 * elsewhere: id `m`, body `1763000000.{}` has the signature of id `m.<time>`, body `{}`.
 */
export const standardWebhooks: KeySchemeRules = {
  verify(delivery, secrets, nowMs) {
    const id = headerOf(delivery, 'webhook-id');
    if (id === '') return forged('webhook-id is missing.');
    if (!isDeliveryId(id)) {
      return forged('webhook-id may hold 1 to 128 letters, digits, _ and - only.');
    }
    const timestamp = headerOf(delivery, 'webhook-timestamp');
    const untimely = timestampProblem('webhook-timestamp', timestamp, nowMs);
    if (untimely !== undefined) return forged(untimely);
    const offered = headerOf(delivery, 'webhook-signature').split(' ').flatMap(digestIn);
    if (offered.length === 0) return forged('webhook-signature holds no signature "v1,<base64>".');
    const problem = signatureProblem([`${id}.${timestamp}.`, delivery.body], offered, secrets);
    return problem === undefined ? { verdict: 'genuine', deliveryId: id } : forged(problem);
  },
  secretProblem: (secret) =>
    keyOf(secret).length === 0
      ? 'A Standard Webhooks secret is "whsec_" and 24 to 64 bytes in base64; leave it out and the server makes one.'
      : undefined,
  newSecret: (randomBytes) => PREFIX + Buffer.from(randomBytes(32)).toString('base64'),
  decodeKey: keyOf,
};

function digestIn(text: string): readonly Buffer[] {
  const base64 = SIGNATURE.exec(text)?.[1];
  return base64 === undefined ? [] : [Buffer.from(base64, 'base64')];
}

function keyOf(secret: string): Buffer {
  const base64 = secret.slice(PREFIX.length);
  const key =
    secret.startsWith(PREFIX) && BASE64.test(base64)
      ? Buffer.from(base64, 'base64')
      : Buffer.alloc(0);
  return key.length >= MIN_KEY_BYTES && key.length <= MAX_KEY_BYTES ? key : Buffer.alloc(0);
}
