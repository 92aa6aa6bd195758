import { hexDigest, signatureProblem } from '#core/webhook-auth/digest';
import { eventId, jsonFields } from '#core/webhook-auth/event-id';
import { forged, headerOf, type KeySchemeRules } from '#core/webhook-auth/scheme';
import { signingTextProblem, textKey } from '#core/webhook-auth/text-secret';
import { timestampProblem } from '#core/webhook-auth/timestamp';

/**
 * Stripe: `Stripe-Signature: t=<time>,v1=<hex>[,v1=<hex>…]`, HMAC-SHA256 over `t.body`. While Stripe
 * rolls a secret it sends a signature for each. The whole text of the secret is the key, with its
 * `whsec_`. The event's id is in the body and therefore signed.
 */
export const stripe: KeySchemeRules = {
  verify(delivery, secrets, nowMs) {
    const header = headerOf(delivery, 'stripe-signature');
    if (header === '') return forged('Stripe-Signature is missing.');
    const items = header.split(',');
    const times = items.filter((item) => item.startsWith('t='));
    // Two times would leave open which of them was checked and which was signed.
    if (times.length > 1) return forged('Stripe-Signature has more than one time.');
    const timestamp = times[0]?.slice(2) ?? '';
    const untimely = timestampProblem('The time in Stripe-Signature', timestamp, nowMs);
    if (untimely !== undefined) return forged(untimely);
    const offered = items.flatMap((item) => hexDigest('v1=', item));
    if (offered.length === 0) return forged('Stripe-Signature holds no signature "v1=<hex>".');
    const signed = [`${timestamp}.`, delivery.body];
    const problem = signatureProblem(signed, offered, secrets);
    if (problem !== undefined) return forged(problem);
    return { verdict: 'genuine', deliveryId: eventId(jsonFields(delivery.body)['id'], signed) };
  },
  secretProblem: (secret) =>
    /^[sprk]k_/.test(secret)
      ? 'This is an API key. Give the signing secret of the Stripe webhook endpoint instead; it begins with whsec_.'
      : signingTextProblem(secret),
  newSecret: (randomBytes) => `whsec_${Buffer.from(randomBytes(32)).toString('base64url')}`,
  decodeKey: textKey,
};
