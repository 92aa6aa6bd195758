/** So many in each window of so many seconds. */
export type Rate = { readonly limit: number; readonly windowSeconds: number };

/** Counts what may happen only so often. */
export type Rates = {
  /** Whether one more fits into this window. @param name what is counted, and whose it is */
  take(name: string, rate: Rate, now: number): Promise<boolean>;
};

/** A bucket that fills steadily: so many at once, and so many a second in the long run. */
export type BucketSize = { readonly burst: number; readonly perSecond: number };

/** Whether a token was there; if not, when one will be. */
export type Taken =
  | { readonly isTaken: true }
  | { readonly isTaken: false; readonly waitMs: number };

/** Token buckets, by name. */
export type TokenBuckets = {
  take(name: string, size: BucketSize, now: number): Promise<Taken>;
};

/** Seconds until the window of a rate ends. */
export function secondsLeft({ windowSeconds }: Rate, now: number): number {
  return windowSeconds - (Math.floor(now / 1_000) % windowSeconds);
}

/** The counter of a user's e-mails. */
export function mailRateName(userId: string): string {
  return `mail ${userId}`;
}

/** The counter of an agent's webhook calls. */
export function webhookRateName(agentId: string): string {
  return `webhook ${agentId}`;
}
