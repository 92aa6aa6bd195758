import type { Slice } from '#core/ports';

/** Why nothing more is sent to an address. */
export type SuppressionReason = 'bounce' | 'complaint';

/** An address that a user's e-mail is not sent to any more. */
export type Suppression = {
  /** In lower case. */
  readonly address: string;
  readonly reason: SuppressionReason;
  /** What happened, for people. */
  readonly detail: string;
  /** ISO 8601 */
  readonly since: string;
};

/** Where the lists live. Every method is scoped by the user whose e-mail it is about. */
export type SuppressionStore = {
  /** Those of these addresses that are on the list, however they are written. */
  find(userId: string, addresses: readonly string[]): Promise<readonly Suppression[]>;
  /** Ordered by address. */
  list(
    userId: string,
    page: { limit: number; after: string | undefined },
  ): Promise<Slice<Suppression>>;
  /** An address that is on the list already stays as it is. */
  add(userId: string, suppression: Suppression): Promise<void>;
  /** Removing what is not there is fine. */
  remove(userId: string, address: string): Promise<void>;
};

/** An address as lists know it. */
export function listedAs(address: string): string {
  return address.trim().toLowerCase();
}

/** Why an address gets nothing, in one sentence. */
export function suppressionWords({ address, reason, detail, since }: Suppression): string {
  const happened = reason === 'bounce' ? 'an e-mail to it came back' : 'its reader called it spam';
  return `${address} is on your suppression list since ${since.slice(0, 10)}, because ${happened} (${detail})`;
}
