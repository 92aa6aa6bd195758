import * as z from 'zod';
import { Moment, pageOf } from '#core/api/shared';
import { type CreditAccount, ledgerKinds, nextMonth, warningLevel } from '#core/limits/credits';
import { planNames, plans } from '#core/limits/plans';
import type { GateState } from '#core/limits/slots';
import type { ToldEntry } from '#core/limits/usage';

const usage = {
  plan: z.enum(planNames),
  credits: z.strictObject({
    balance: z.int().describe('What can still be spent.'),
    reserved: z.int().describe('Held for runs that are not over; what they do not use comes back.'),
  }),
  runs: z
    .strictObject({ month: z.int(), limit: z.int() })
    .describe('Runs started in this calendar month (UTC), and how many the plan has.'),
  concurrency: z
    .strictObject({ running: z.int(), limit: z.int() })
    .describe('Runs that are executed now, and how many may be.'),
  hourly: z
    .strictObject({ used: z.int(), limit: z.int() })
    .describe('Runs started in this clock hour, and how many the plan has.'),
  renews_at: Moment.describe('When the next month begins.'),
  hint: z
    .strictObject({
      code: z.enum(['credits_low', 'credits_used_up']),
      message: z.string().describe('How it stands and what to do, for people.'),
    })
    .nullable()
    .describe("Set when 80 % of the month's credits are used, and when all are."),
};

/** What a user has used, and may use. */
export const UsageView = z.strictObject(usage).meta({ id: 'Usage' });
export type UsageView = z.infer<typeof UsageView>;

/** A user's account as operators and billing see it. */
export const AccountView = z
  .strictObject({ user_id: z.string(), suspended: z.boolean(), ...usage })
  .meta({ id: 'Account' });
export type AccountView = z.infer<typeof AccountView>;

const LedgerEntryView = z
  .strictObject({
    at: Moment,
    kind: z.enum(ledgerKinds),
    amount: z.int().describe('Negative when it takes. The sum of all amounts is the balance.'),
    run_id: z.string().nullable(),
    reason: z.string().nullable(),
    balance_after: z.int(),
  })
  .meta({ id: 'LedgerEntry' });
export type LedgerEntryView = z.infer<typeof LedgerEntryView>;

/** A page of a user's ledger, newest first. */
export const LedgerPage = pageOf(LedgerEntryView);

/** What a user's runs took, by day. */
export const SpendingView = z
  .strictObject({
    days: z
      .array(
        z.strictObject({
          date: z.iso.date().describe('A day in UTC.'),
          credits: z.int().describe('What runs took, less what came back on that day.'),
        }),
      )
      .describe('The last fourteen days, oldest first.'),
    truncated: z
      .boolean()
      .describe(
        'Whether there were more entries than are looked at; then the oldest are left out.',
      ),
  })
  .meta({ id: 'Spending' });

/** Credits were given or taken. */
export const CreditsAdjusted = z.strictObject({
  user_id: z.string(),
  applied: z.int().describe('By how much the balance changed: it never falls below 0.'),
  balance: z.int(),
});

/** An account as its user sees it. */
export function presentUsage(account: CreditAccount, gate: GateState, now: number): UsageView {
  const plan = plans[account.plan];
  return {
    plan: account.plan,
    credits: { balance: account.balance, reserved: Math.max(0, account.reserved - gate.settled) },
    runs: { month: account.runsThisMonth, limit: plan.runsPerMonth },
    concurrency: { running: gate.holders.length, limit: plan.runsAtOnce },
    hourly: { used: account.runsThisHour, limit: plan.runsPerHour },
    renews_at: new Date(nextMonth(now)).toISOString(),
    hint: hintFor(account),
  };
}

function hintFor(account: CreditAccount): UsageView['hint'] {
  const level = warningLevel(account, account.balance);
  if (level === undefined) return null;
  const all = plans[account.plan].creditsPerMonth;
  if (level === 100) {
    const message = `All ${all} credits of this month are used: runs that cost any are rejected. Buy credits, change the plan, or wait for next month.`;
    return { code: 'credits_used_up', message };
  }
  const message = `${account.balance} of this month's ${all} credits are left. When nothing is left, runs are rejected: buy credits or change the plan before.`;
  return { code: 'credits_low', message };
}

/** An entry of the ledger. */
export function presentEntry(entry: ToldEntry): LedgerEntryView {
  return {
    at: new Date(entry.at).toISOString(),
    kind: entry.kind,
    amount: entry.amount,
    run_id: entry.runId ?? null,
    reason: entry.reason ?? null,
    balance_after: entry.balanceAfter,
  };
}
