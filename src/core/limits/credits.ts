import { RequestError } from '#core/errors';
import { type PlanName, plans } from '#core/limits/plans';

/** Why a balance changed. */
export const ledgerKinds = ['grant', 'reserve', 'refund', 'renewal', 'adjustment'] as const;
export type LedgerKind = (typeof ledgerKinds)[number];

/** One change of a balance. The sum of all amounts is the balance. */
export type LedgerEntry = {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly kind: LedgerKind;
  /** Whole credits; negative when it takes. */
  readonly amount: number;
  readonly runId?: string;
  /** In words, where a person gave one. */
  readonly reason?: string;
};

/** A user's plan, credits and quotas. */
export type CreditAccount = {
  readonly userId: string;
  readonly plan: PlanName;
  readonly isSuspended: boolean;
  /** Credits that can still be spent; never negative. */
  readonly balance: number;
  /** Credits that runs have reserved and not been given back, since the account was opened. */
  readonly reserved: number;
  /** The month that `runsThisMonth` counts, such as `2026-11`. */
  readonly month: string;
  readonly runsThisMonth: number;
  /** The hour that `runsThisHour` counts: hours since the epoch. */
  readonly hour: number;
  readonly runsThisHour: number;
  /** Counts the changes of the item. */
  readonly version: number;
  /** The newest entries of the ledger, oldest first. */
  readonly recent: readonly LedgerEntry[];
  /** How many entries came before `recent`. */
  readonly settled: number;
};

/** Shares of a month's credits at which their user is told, in percent. */
const LEVELS = [100, 80] as const;
export type WarningLevel = (typeof LEVELS)[number];

const HOUR_MS = 3_600_000;

/**
 * Most entries that stay in the account's own item: with them it is below a kilobyte, so that taking
 * credits is one write unit. When they are this many, a page of the ledger takes them over.
 */
export const MOST_RECENT = 10;

/** The account of a user who is seen for the first time, with the plan's credits. */
export function openAccount(userId: string, plan: PlanName, now: number): CreditAccount {
  const empty: CreditAccount = {
    userId,
    plan,
    isSuspended: false,
    balance: 0,
    reserved: 0,
    month: monthOf(now),
    runsThisMonth: 0,
    hour: hourOf(now),
    runsThisHour: 0,
    version: 1,
    recent: [],
    settled: 0,
  };
  return posted(empty, { at: now, kind: 'grant', amount: plans[plan].creditsPerMonth });
}

/** What is kept of a deleted account: coming back must not renew credits, nor lift a suspension. */
export type ClosedAccount = Omit<CreditAccount, 'reserved' | 'version' | 'recent' | 'settled'>;

/** The account of a user who comes back; its ledger begins anew with what was left. */
export function reopenAccount(closed: ClosedAccount, now: number): CreditAccount {
  const empty = { ...closed, balance: 0, reserved: 0, version: 1, recent: [], settled: 0 };
  return posted(empty, { at: now, kind: 'grant', amount: closed.balance });
}

/**
 * The account as it is at an instant: a new hour or month begins its counts anew, and a new month
 * tops the balance up to the plan's credits. Unused credits of a plan do not add up; what lies above
 * them stays.
 *
 * @returns the account itself when nothing has to change
 */
export function upToDate(account: CreditAccount, now: number): CreditAccount {
  const hour = hourOf(now);
  const month = monthOf(now);
  // Workers' clocks differ a little: an hour that has begun is not taken back.
  if (hour <= account.hour && month <= account.month) return account;
  const inHour = hour > account.hour ? { ...account, hour, runsThisHour: 0 } : account;
  if (month <= account.month) return inHour;
  const missing = plans[account.plan].creditsPerMonth - account.balance;
  const inMonth = { ...inHour, month, runsThisMonth: 0 };
  return missing > 0 ? posted(inMonth, { at: now, kind: 'renewal', amount: missing }) : inMonth;
}

/** The account after one more entry of its ledger. */
export function posted(account: CreditAccount, entry: LedgerEntry): CreditAccount {
  return {
    ...account,
    balance: account.balance + entry.amount,
    recent: [...account.recent, entry],
  };
}

/**
 * The account on another plan. The balance moves by the difference between the two plans' monthly
 * credits, so that going there and back gains nothing.
 */
export function onPlan(account: CreditAccount, plan: PlanName, now: number): CreditAccount {
  if (plan === account.plan) return account;
  const difference = plans[plan].creditsPerMonth - plans[account.plan].creditsPerMonth;
  const amount = Math.max(difference, -account.balance);
  const changed = { ...account, plan };
  if (amount === 0) return changed;
  const reason = `plan ${account.plan} to ${plan}`;
  return posted(changed, { at: now, kind: 'adjustment', amount, reason });
}

/** Why an account cannot start one more run that may cost this much; undefined when it can. */
export function refusalOf(
  account: CreditAccount,
  credits: number,
  now: number,
): RequestError | undefined {
  const { runsPerMonth, runsPerHour } = plans[account.plan];
  if (account.isSuspended) return suspended();
  if (account.runsThisMonth >= runsPerMonth) {
    return new RequestError(
      'quota_exceeded',
      `The ${account.plan} plan has ${runsPerMonth} runs a month, and they are used up. Change the plan, or wait for next month.`,
      {
        retryAfterSeconds: secondsUntil(nextMonth(now), now),
        details: { quota: 'month', limit: runsPerMonth },
      },
    );
  }
  if (account.runsThisHour >= runsPerHour) {
    return new RequestError(
      'quota_exceeded',
      `The ${account.plan} plan has ${runsPerHour} runs an hour, and they are used up. Change the plan, or wait for the next hour.`,
      {
        retryAfterSeconds: secondsUntil((hourOf(now) + 1) * HOUR_MS, now),
        details: { quota: 'hour', limit: runsPerHour },
      },
    );
  }
  if (account.balance >= credits) return undefined;
  return new RequestError(
    'insufficient_credits',
    `This run may cost ${credits} ${credits === 1 ? 'credit' : 'credits'}, and ${account.balance} ${account.balance === 1 ? 'is' : 'are'} left. Buy credits, change the plan, or wait for next month.`,
    { details: { needed: credits, balance: account.balance } },
  );
}

/** The level that a balance has reached, if any. */
export function warningLevel(
  { plan }: Pick<CreditAccount, 'plan'>,
  balance: number,
): WarningLevel | undefined {
  const { creditsPerMonth } = plans[plan];
  const usedPercent = ((creditsPerMonth - balance) / creditsPerMonth) * 100;
  return LEVELS.find((level) => usedPercent >= level);
}

/** What a suspended user is told. */
export function suspended(): RequestError {
  return new RequestError(
    'forbidden',
    'This account is suspended, so it starts no runs and tries no steps. Ask support to lift that.',
  );
}

/** When the next month begins, UTC, in epoch milliseconds. */
export function nextMonth(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

function monthOf(now: number): string {
  return new Date(now).toISOString().slice(0, 7);
}

function hourOf(now: number): number {
  return Math.floor(now / HOUR_MS);
}

function secondsUntil(instant: number, now: number): number {
  return Math.max(1, Math.ceil((instant - now) / 1_000));
}
