import { hexDigest, signatureProblem } from '#core/webhook-auth/digest';
import { eventId, jsonFields } from '#core/webhook-auth/event-id';
import { forged, headerOf, type KeySchemeRules } from '#core/webhook-auth/scheme';
import { signingTextProblem, textKey } from '#core/webhook-auth/text-secret';
import { timestampProblem } from '#core/webhook-auth/timestamp';

/**
 * Slack: `X-Slack-Signature: v0=<hex>`, HMAC-SHA256 over `v0:time:body` with the app's signing secret.
 * `url_verification` is answered only when it is signed like everything else.
 */
export const slack: KeySchemeRules = {
  verify(delivery, secrets, nowMs) {
    const timestamp = headerOf(delivery, 'x-slack-request-timestamp');
    const untimely = timestampProblem('X-Slack-Request-Timestamp', timestamp, nowMs);
    if (untimely !== undefined) return forged(untimely);
    const signature = headerOf(delivery, 'x-slack-signature');
    if (signature === '') return forged('X-Slack-Signature is missing.');
    const offered = hexDigest('v0=', signature);
    if (offered.length === 0) return forged('X-Slack-Signature is not "v0=<hex>".');
    const signed = [`v0:${timestamp}:`, delivery.body];
    const problem = signatureProblem(signed, offered, secrets);
    if (problem !== undefined) return forged(problem);
    const { type, challenge, event_id } = jsonFields(delivery.body);
    return type === 'url_verification' && typeof challenge === 'string'
      ? { verdict: 'challenge', answer: { challenge } }
      : { verdict: 'genuine', deliveryId: eventId(event_id, signed) };
  },
  secretProblem: (secret) =>
    /^(?:xox|xapp-|https:)/.test(secret)
      ? 'This is a token or a URL. Give the Signing Secret from the Basic Information of the Slack app instead.'
      : signingTextProblem(secret),
  newSecret: (randomBytes) => Buffer.from(randomBytes(16)).toString('hex'),
  decodeKey: textKey,
};
