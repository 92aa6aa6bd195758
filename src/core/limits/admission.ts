import { type AppError, RequestError, type RequestErrorCode } from '#core/errors';
import type { CreditStore } from '#core/limits/credit-store';
import { type CreditAccount, MOST_RECENT, refusalOf, warningLevel } from '#core/limits/credits';
import { currentAccount } from '#core/limits/usage';
import type { Clock } from '#core/ports';
import type { RejectReason } from '#core/runs/run';

/** What is taken from an account, as the account was when it was looked at. */
export type Admission = {
  readonly account: CreditAccount;
  /** Credits to reserve. */
  readonly credits: number;
};

/** How a run that takes from an account was written. */
export type Admitted<Outcome> = Outcome | { readonly outcome: 'outdated' };

/** What admission works with. */
export type AdmissionDeps = { readonly credits: CreditStore; readonly clock: Clock };

/** The account may change between look and write: it is looked at again this often. */
const TRIES = 8;

/**
 * Writes a run together with what it takes from its owner's account: a look refuses the obvious,
 * and the write's own condition decides.
 *
 * @param write gives `outdated`, and has written nothing, when the account has changed so that the
 *   run may not fit any more
 * @throws RequestError `insufficient_credits`, `quota_exceeded`, `forbidden`, `unavailable`
 */
export function admitRun<Outcome>(
  userId: string,
  credits: number,
  deps: AdmissionDeps,
  write: (admission: Admission) => Promise<Admitted<Outcome>>,
): Promise<Outcome> {
  return takeFromAccount(userId, credits, deps, refusalOf, write);
}

/**
 * Writes something together with the credits that it takes.
 *
 * @param refusalOf says why an account cannot give so many
 * @param write gives `outdated`, and has written nothing, when the account has changed so that it
 *   may not have as many any more
 * @throws what `refusalOf` gives, and RequestError `unavailable`
 */
export async function takeFromAccount<Outcome>(
  userId: string,
  credits: number,
  deps: AdmissionDeps,
  refusalOf: (account: CreditAccount, credits: number, now: number) => AppError | undefined,
  write: (admission: Admission) => Promise<Admitted<Outcome>>,
): Promise<Outcome> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const account = await currentAccount(userId, deps);
    const refusal = refusalOf(account, credits, deps.clock.now());
    if (refusal) {
      if (isForCredits(refusal)) await warnOfRefusal(account, deps);
      throw refusal;
    }
    if (account.recent.length >= MOST_RECENT) await deps.credits.fold(account);
    const written = await write({ account, credits });
    if (isOutdated(written)) continue;
    await warnOf(account, account.balance - credits, deps);
    return written;
  }
  throw new RequestError('unavailable', 'Too many runs are started at once. Try again.', {
    retryAfterSeconds: 1,
  });
}

function isForCredits(refusal: AppError): boolean {
  return refusal instanceof RequestError && refusal.code === 'insufficient_credits';
}

/** A run that costs more than a month gives is refused, and says nothing of what is used. */
async function warnOfRefusal(account: CreditAccount, deps: AdmissionDeps): Promise<void> {
  if (warningLevel(account, account.balance) !== undefined) await warnOf(account, 0, deps);
}

/** What was asked for is done or refused by now: a warning that cannot be noted is left to the next run. */
async function warnOf(
  account: CreditAccount,
  balance: number,
  { credits, clock }: AdmissionDeps,
): Promise<void> {
  const level = warningLevel(account, balance);
  if (level === undefined) return;
  await credits.noteLow(account, level, clock.now()).catch(() => undefined);
}

function isOutdated(written: unknown): written is { readonly outcome: 'outdated' } {
  return (written as { readonly outcome?: unknown }).outcome === 'outdated';
}

const rejections: Partial<Record<RequestErrorCode, RejectReason>> = {
  insufficient_credits: 'credits',
  quota_exceeded: 'quota',
  forbidden: 'disabled',
};

/** What a refusal is called in the history; undefined for what is no refusal of ours. */
export function rejectionOf(error: unknown): RejectReason | undefined {
  return error instanceof RequestError ? rejections[error.code] : undefined;
}
