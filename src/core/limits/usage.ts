import { createHash } from 'node:crypto';
import { RequestError } from '#core/errors';
import type { CreditStore, OnceDone } from '#core/limits/credit-store';
import {
  type CreditAccount,
  type LedgerEntry,
  MOST_RECENT,
  onPlan,
  openAccount,
  posted,
  reopenAccount,
  upToDate,
} from '#core/limits/credits';
import { DEFAULT_PLAN, type PlanName } from '#core/limits/plans';
import type { Clock } from '#core/ports';

/** What reading and changing accounts works with. */
export type UsageDeps = { readonly credits: CreditStore; readonly clock: Clock };

/** Several changes at once are tried again this often. */
const TRIES = 8;

/** A user's account as it is now; opened when there is none. */
export function currentAccount(userId: string, deps: UsageDeps): Promise<CreditAccount> {
  return changeAccount(userId, DEFAULT_PLAN, deps, (account) => account);
}

/**
 * Changes an account, again when somebody else has changed it meanwhile.
 *
 * @param plan of an account that has to be opened
 * @param change gives the account itself when nothing has to change
 */
async function changeAccount(
  userId: string,
  plan: PlanName,
  deps: UsageDeps,
  change: (account: CreditAccount, now: number) => CreditAccount,
): Promise<CreditAccount> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const now = deps.clock.now();
    const found = await deps.credits.find(userId);
    if (found === undefined) {
      const closed = await deps.credits.findClosed(userId);
      const fresh = closed ? reopenAccount(closed, now) : openAccount(userId, plan, now);
      const opened = change(upToDate(fresh, now), now);
      if (await deps.credits.open(opened)) return opened;
      continue;
    }
    const changed = change(upToDate(found, now), now);
    if (changed === found) return found;
    const stored = await deps.credits.replace(changed);
    if (stored === undefined) continue;
    if (stored.recent.length >= MOST_RECENT) await deps.credits.fold(stored);
    return stored;
  }
  throw changedByMany();
}

/** What an operator changes about an account. */
export type AccountChange = {
  readonly plan?: PlanName | undefined;
  readonly suspended?: boolean | undefined;
};

/**
 * Puts a user on a plan, or suspends the user.
 *
 * @param onlyNew whether an account that is there already is refused
 * @throws RequestError `precondition_failed`
 */
export async function setAccount(
  userId: string,
  change: AccountChange,
  onlyNew: boolean,
  deps: UsageDeps,
): Promise<CreditAccount> {
  const { plan, suspended } = change;
  if (onlyNew && (await deps.credits.find(userId))) {
    throw new RequestError('precondition_failed', 'This user has an account already.');
  }
  return changeAccount(userId, plan ?? DEFAULT_PLAN, deps, (account, now) => {
    const moved = onPlan(account, plan ?? account.plan, now);
    const isSuspended = suspended ?? account.isSuspended;
    return isSuspended === moved.isSuspended ? moved : { ...moved, isSuspended };
  });
}

/** What became of an adjustment. */
export type Adjusted = {
  /** By how much the balance changed. */
  readonly applied: number;
  /** What it was then. */
  readonly balance: number;
  /** Whether it had been done before, with the same key. */
  readonly isRepeated: boolean;
};

/** For how long a key makes a repeated adjustment the same. */
const KEY_COUNTS_SECONDS = 86_400;

/**
 * Gives credits, or takes them away as far as there are any.
 *
 * @param key the caller's own `Idempotency-Key`: with it a repeated request changes nothing more
 * @throws RequestError `conflict` when the key came with another adjustment before
 */
export async function adjustCredits(
  userId: string,
  amount: number,
  reason: string,
  key: string | undefined,
  deps: UsageDeps,
): Promise<Adjusted> {
  const bodyDigest = sha256(JSON.stringify([userId, amount, reason]));
  const digest = sha256(`adjustment:${key}`);
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const account = await currentAccount(userId, deps);
    const now = deps.clock.now();
    const done = key === undefined ? undefined : await deps.credits.findDone(digest, now);
    if (done !== undefined) return sameAdjustment(done, bodyDigest);
    const applied = Math.max(amount, -account.balance);
    const balance = account.balance + applied;
    if (applied === 0) return { applied, balance, isRepeated: false };
    const doneAt = Math.floor(now / 1_000);
    const expiresAt = doneAt + KEY_COUNTS_SECONDS;
    const once = { digest, bodyDigest, doneAt, expiresAt, applied, balance };
    const changed = posted(account, { at: now, kind: 'adjustment', amount: applied, reason });
    const stored = await deps.credits.replace(changed, key === undefined ? undefined : once);
    if (stored === undefined) continue;
    if (stored.recent.length >= MOST_RECENT) await deps.credits.fold(stored);
    return { applied, balance, isRepeated: false };
  }
  throw changedByMany();
}

function sameAdjustment({ applied, balance, ...done }: OnceDone, bodyDigest: string): Adjusted {
  if (done.bodyDigest === bodyDigest) return { applied, balance, isRepeated: true };
  throw new RequestError(
    'conflict',
    'This Idempotency-Key was used before with another adjustment. Send the same one, or a new key.',
  );
}

function changedByMany(): RequestError {
  return new RequestError('unavailable', 'This account is being changed by many. Try again.', {
    retryAfterSeconds: 1,
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Gives back what was taken for something that is no run. */
export async function giveBack(
  userId: string,
  amount: number,
  reason: string,
  deps: UsageDeps,
): Promise<void> {
  await changeAccount(userId, DEFAULT_PLAN, deps, (account, now) =>
    posted(account, { at: now, kind: 'refund', amount, reason }),
  );
}

/** An entry of the ledger with the balance that it led to. */
export type ToldEntry = LedgerEntry & { readonly balanceAfter: number };

/** Where a page of the ledger starts: how many entries lie before it, and the balance up to there. */
export type LedgerPosition = { readonly before: number; readonly balance: number };

/** A page of a user's ledger, newest first. */
export async function readLedger(
  userId: string,
  position: LedgerPosition | undefined,
  limit: number,
  deps: UsageDeps,
): Promise<{ items: ToldEntry[]; next: LedgerPosition | undefined }> {
  const account = await currentAccount(userId, deps);
  const { settled, recent } = account;
  const start = position ?? { before: settled + recent.length, balance: account.balance };
  const inItem = recent
    .slice(0, Math.max(0, start.before - settled))
    .toReversed()
    .slice(0, limit);
  const beforePages = Math.min(start.before, settled);
  const missing = limit - inItem.length;
  const inPages =
    missing > 0 && beforePages > 0 ? await deps.credits.paged(userId, beforePages, missing) : [];
  let { before, balance } = start;
  const items = [...inItem, ...inPages].map(({ at, kind, amount, runId, reason }) => {
    const told = {
      at,
      kind,
      amount,
      balanceAfter: balance,
      ...(runId !== undefined && { runId }),
      ...(reason !== undefined && { reason }),
    };
    balance -= amount;
    before -= 1;
    return told;
  });
  return { items, next: before > 0 && items.length > 0 ? { before, balance } : undefined };
}
