import type { RandomBytes } from '#core/ids';
import { github } from '#core/webhook-auth/github';
import { none } from '#core/webhook-auth/none';
import {
  forged,
  type KeyScheme,
  type KeySchemeRules,
  type SchemeRules,
  type Secret,
  type UnverifiedDelivery,
  type Verdict,
  type WebhookScheme,
} from '#core/webhook-auth/scheme';
import { secret } from '#core/webhook-auth/secret';
import { slack } from '#core/webhook-auth/slack';
import { standardWebhooks } from '#core/webhook-auth/standard-webhooks';
import { stripe } from '#core/webhook-auth/stripe';

export {
  type KeyScheme,
  type Secret,
  type UnverifiedDelivery,
  type Verdict,
  WEBHOOK_SCHEMES,
  type WebhookScheme,
} from '#core/webhook-auth/scheme';

/** The rules that each scheme must have; a scheme that is left out does not compile. */
type Rules = Record<KeyScheme, KeySchemeRules> &
  Record<'secret', SchemeRules> &
  Record<WebhookScheme, Pick<SchemeRules, 'verify' | 'secretProblem'>>;

const SCHEMES = {
  secret,
  'standard-webhooks': standardWebhooks,
  github,
  stripe,
  slack,
  none,
} satisfies Rules;

/**
 * Says whether a delivery comes from somebody who knows one of the webhook's secrets. Pure, never
 * throws for what a caller may send, and fails closed: without a usable stored secret, or with a
 * scheme that is none of ours, every delivery is forged.
 *
 * @param secrets the active ones, several while they rotate; one that fits is enough
 * @param nowMs epoch milliseconds; signed times may be 300 s away from it
 */
export function verifyDelivery(
  scheme: WebhookScheme,
  delivery: UnverifiedDelivery,
  secrets: readonly Secret[],
  nowMs: number,
): Verdict {
  // The scheme comes out of a stored item, which the compiler has not seen.
  if (!Object.hasOwn(SCHEMES, scheme)) return forged('This webhook has no known kind of auth.');
  return SCHEMES[scheme].verify(delivery, secrets, nowMs);
}

/** Why an owner's own secret cannot be used with a scheme, and what to do; undefined when it can. */
export function secretProblem(scheme: WebhookScheme, given: string): string | undefined {
  return SCHEMES[scheme].secretProblem(given);
}

/** A fresh secret, as its sender must be given it. */
export function newSecret(
  scheme: Exclude<WebhookScheme, 'none'>,
  randomBytes: RandomBytes,
): string {
  return SCHEMES[scheme].newSecret(randomBytes);
}

/**
 * The HMAC key that a secret stands for. Give it only what `secretProblem` accepted: for anything
 * else it may be empty, and an empty key verifies nothing.
 */
export function decodeKey(scheme: KeyScheme, text: string): Buffer {
  return SCHEMES[scheme].decodeKey(text);
}
