import { ActionUnavailableError } from '#core/errors';
import type { CreditAccount, WarningLevel } from '#core/limits/credits';
import { plans } from '#core/limits/plans';
import { currentAccount, type UsageDeps } from '#core/limits/usage';
import type { Mail, Mailer } from '#core/mail/mail';
import type { Profiles } from '#core/mail/profiles';
import type { Log } from '#core/ports';

/** A warning that a user may have to be sent. */
export type CreditWarning = {
  readonly userId: string;
  /** The month that it is about, such as `2026-11`. */
  readonly month: string;
  readonly level: WarningLevel;
  /** The highest that was sent in this month; 0 when none was. */
  readonly told: number;
  /** When it is looked at, ISO 8601. */
  readonly dueAt: string;
};

/** Where warnings wait to be sent. */
export type WarningStore = {
  /** Has the sweeper warn a user, once for each month and level. Cheap to repeat. */
  note(userId: string, month: string, level: WarningLevel, now: number): Promise<void>;
  /** What waits to be sent. */
  find(userId: string): Promise<CreditWarning | undefined>;
  /** Keeps others from sending it until then; false when somebody else has. @param until epoch milliseconds */
  hold(warning: CreditWarning, until: number): Promise<boolean>;
  /** Notes that it was sent. */
  settle(warning: CreditWarning): Promise<void>;
};

/** What warning users works with. */
export type WarnDeps = UsageDeps & {
  readonly warnings: WarningStore;
  readonly profiles: Profiles;
  readonly mail: Mailer;
  readonly log: Log;
  /** Base of links, without a slash at the end. */
  readonly publicUrl: string;
};

/** Whoever sends a warning has this long before somebody else does, in milliseconds. */
const SENDING_MS = 60_000;

/**
 * Warns a user by e-mail that the month's credits run low or are used up, once a month for each. A
 * sweeper that dies between sending and noting it sends it again: twice rather than never.
 */
export async function tendWarning(userId: string, deps: WarnDeps): Promise<void> {
  const warning = await deps.warnings.find(userId);
  if (warning === undefined) return;
  const account = await currentAccount(userId, deps);
  if (!(await deps.warnings.hold(warning, deps.clock.now() + SENDING_MS))) return;
  const isNews = warning.month === account.month && warning.told < warning.level;
  if (isNews) {
    const to = await deps.profiles.emailOf(userId);
    if (to !== undefined && !(await isSent(warningMail(warning, account, to, deps), deps))) return;
  }
  await deps.warnings.settle(warning);
}

async function isSent(mail: Mail, { mail: mailer, log }: WarnDeps): Promise<boolean> {
  try {
    await mailer.send(mail);
    log.info('user warned of credits', { userId: mail.userId });
    return true;
  } catch (error) {
    log.warn('user not warned of credits', { userId: mail.userId, error });
    return !(error instanceof ActionUnavailableError);
  }
}

function warningMail(
  { userId, level, month }: CreditWarning,
  { plan, balance }: CreditAccount,
  to: string,
  { publicUrl }: WarnDeps,
): Mail {
  const all = plans[plan].creditsPerMonth;
  const subject =
    level === 100
      ? "This month's credits are used up"
      : `${level} % of this month's credits are used`;
  const then =
    level === 100
      ? 'Runs that cost more than is left are rejected until next month begins (UTC), the plan is changed, or credits are bought.'
      : 'When nothing is left, runs are rejected until next month begins (UTC).';
  return {
    userId,
    to: [to],
    subject,
    text: [
      `Of the ${all} credits that the plan ${plan} has a month, ${Math.max(0, balance)} are left.`,
      then,
      `What used them: ${publicUrl}/app/usage`,
    ].join('\n\n'),
    idempotencyKey: `credits:${userId}:${month}:${level}`,
  };
}
