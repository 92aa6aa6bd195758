import type { ClosedAccount, CreditAccount, LedgerEntry, WarningLevel } from '#core/limits/credits';

/** An adjustment that is made once for its key. */
export type OnceDone = {
  /** Of the key. */
  readonly digest: string;
  /** Of what was asked for. */
  readonly bodyDigest: string;
  /** Epoch seconds: when it was done, and after which the key may be used again. */
  readonly doneAt: number;
  readonly expiresAt: number;
  readonly applied: number;
  readonly balance: number;
};

/** Where accounts and their ledgers live. */
export type CreditStore = {
  find(userId: string): Promise<CreditAccount | undefined>;
  /** What is known of an account that was deleted. */
  findClosed(userId: string): Promise<ClosedAccount | undefined>;
  /** Writes a new account; false, and nothing written, when there is one. */
  open(account: CreditAccount): Promise<boolean>;
  /**
   * Replaces an account that was read at a version.
   *
   * @param once what is done by it, which is written with it and only if its key is new
   * @returns the account as it is stored; undefined, and nothing written, when it has changed since
   */
  replace(account: CreditAccount, once?: OnceDone): Promise<CreditAccount | undefined>;
  /** What was done with a key before, while the key counts. */
  findDone(digest: string, now: number): Promise<OnceDone | undefined>;
  /** Has the user warned that credits run low, once for each month and level. */
  noteLow(account: CreditAccount, level: WarningLevel, now: number): Promise<void>;
  /** Moves the oldest of `recent` to a page of the ledger, unless somebody has. */
  fold(account: CreditAccount): Promise<void>;
  /** Entries that are in pages, newest first, from the one before `before` on. */
  paged(userId: string, before: number, limit: number): Promise<readonly LedgerEntry[]>;
};
