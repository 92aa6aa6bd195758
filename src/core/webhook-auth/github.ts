import { hexDigest, signatureProblem } from '#core/webhook-auth/digest';
import { isDeliveryId } from '#core/webhook-auth/event-id';
import { forged, headerOf, type KeySchemeRules } from '#core/webhook-auth/scheme';
import { signingTextProblem, textKey } from '#core/webhook-auth/text-secret';

/**
 * GitHub: `X-Hub-Signature-256: sha256=<hex>` over the body alone. The scheme has no time, and its
 * delivery id is not signed: a copy of a delivery is known only while its id is remembered, and one
 * with another id is not known at all. TLS is what keeps deliveries from being copied.
 */
export const github: KeySchemeRules = {
  verify(delivery, secrets) {
    const signature = headerOf(delivery, 'x-hub-signature-256');
    if (signature === '') {
      return forged(
        headerOf(delivery, 'x-hub-signature') === ''
          ? 'X-Hub-Signature-256 is missing: set the secret in the settings of the GitHub webhook.'
          : 'Only the old X-Hub-Signature (SHA-1) was sent; X-Hub-Signature-256 is needed.',
      );
    }
    const offered = hexDigest('sha256=', signature);
    if (offered.length === 0) return forged('X-Hub-Signature-256 is not "sha256=<hex>".');
    const problem = signatureProblem([delivery.body], offered, secrets);
    if (problem !== undefined) return forged(problem);
    const id = headerOf(delivery, 'x-github-delivery');
    return { verdict: 'genuine', ...(isDeliveryId(id) && { deliveryId: id }) };
  },
  secretProblem: (secret) =>
    /^(?:gh[a-z]_|github_pat_)/.test(secret)
      ? 'This is an access token. Give the secret from the settings of the GitHub webhook instead.'
      : signingTextProblem(secret),
  newSecret: (randomBytes) => Buffer.from(randomBytes(32)).toString('hex'),
  decodeKey: textKey,
};
