import type { RandomBytes } from '#core/ids';

/** How a caller of a webhook proves itself. Stored with agents, so never renamed. */
export const WEBHOOK_SCHEMES = [
  'secret',
  'standard-webhooks',
  'github',
  'stripe',
  'slack',
  'none',
] as const;
export type WebhookScheme = (typeof WEBHOOK_SCHEMES)[number];

/** The schemes that sign: their secret must be kept readable, because HMAC needs the key itself. */
export type KeyScheme = Exclude<WebhookScheme, 'secret' | 'none'>;

/** A delivery of which nothing is known yet but its bytes. */
export type UnverifiedDelivery = {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Exactly as it arrived: signatures cover bytes, not their meaning. */
  readonly body: Buffer;
};

/** An active secret of a webhook, in the form in which its scheme can use it. */
export type Secret =
  /** SHA-256 of a plain `secret`, hex. */
  | { readonly kind: 'digest'; readonly sha256: string }
  /** The decrypted key of a scheme that signs. */
  | { readonly kind: 'key'; readonly key: Buffer };

/** What is known of a delivery after its check. */
export type Verdict =
  | {
      readonly verdict: 'genuine';
      /**
       * The same on every try of the provider to deliver one event: 1 to 128 of `A-Za-z0-9_-`. It is
       * signed, except for GitHub's.
       */
      readonly deliveryId?: string;
    }
  /** `reason` is a fixed sentence for the agent's owner: nothing of the request or the secret is in it. */
  | { readonly verdict: 'forged'; readonly reason: string }
  /** Genuine, but only asks whether the door is ours: answer 200 with this JSON and start no run. */
  | { readonly verdict: 'challenge'; readonly answer: { readonly challenge: string } };

/** Checks one delivery. Never throws, whatever the headers hold; without a usable secret it says forged. */
type Verifier = (
  delivery: UnverifiedDelivery,
  secrets: readonly Secret[],
  nowMs: number,
) => Verdict;

/** What there is to know about a scheme. */
export type SchemeRules = {
  readonly verify: Verifier;
  /** Why a secret given by an agent's owner cannot be used; undefined when it can. */
  readonly secretProblem: (secret: string) => string | undefined;
  /** A fresh secret of 16 bytes of entropy or more, in the form that the scheme's senders expect. */
  readonly newSecret: (randomBytes: RandomBytes) => string;
};

/** What there is to know about a scheme that signs. */
export type KeySchemeRules = SchemeRules & {
  /** The HMAC key that a secret stands for; empty, which no verifier takes, for an impossible secret. */
  readonly decodeKey: (secret: string) => Buffer;
};

/** The verdict on a delivery that has not proved where it comes from. */
export function forged(reason: string): Verdict {
  return { verdict: 'forged', reason };
}

/** A header's value; empty when it is missing or, against its type, no text. */
export function headerOf(delivery: UnverifiedDelivery, name: string): string {
  const value: unknown = delivery.headers[name];
  return typeof value === 'string' ? value : '';
}
