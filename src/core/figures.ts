import { firstIdAt } from '#core/ids';
import type { Clock } from '#core/ports';
import type { Run } from '#core/runs/run';
import type { RunStore } from '#core/runs/run-store';

/** What happened over all accounts within a time. */
export type Figures = {
  readonly window_hours: number;
  readonly accounts: number;
  readonly active_accounts: number;
  readonly runs: Readonly<Record<string, number>>;
  /** From 0 to 1; null when no run has ended. */
  readonly success_rate: number | null;
  readonly credits: number;
  /** The commonest first. Codes only: messages may hold what users wrote. */
  readonly failures: readonly { readonly code: string; readonly runs: number }[];
  /** False when there was more than could be read. */
  readonly is_complete: boolean;
};

/** What figures are made from. */
export type FigureSources = {
  readonly runs: Pick<RunStore, 'list'>;
  /** Ids of all users that have an account. */
  readonly users: (most: number) => Promise<readonly string[]>;
  readonly clock: Clock;
};

/** Reading stops here: a report need not be exact to the last run of the largest user. */
const MOST_USERS = 1_000;
const MOST_RUNS_OF_A_USER = 1_000;
const MOST_FAILURES = 10;
const PAGE = 100;

/** Counts the runs of the last hours over all accounts. */
export async function readFigures(hours: number, sources: FigureSources): Promise<Figures> {
  const from = firstIdAt('run', sources.clock.now() - hours * 3_600_000);
  const users = await sources.users(MOST_USERS);
  const runs: Record<string, number> = {};
  const failures: Record<string, number> = {};
  let isComplete = users.length < MOST_USERS;
  let active = 0;
  let credits = 0;
  for (const userId of users) {
    const { found, isAll } = await runsOf(userId, from, sources.runs);
    if (found.length > 0) active += 1;
    if (!isAll) isComplete = false;
    for (const run of found) {
      runs[run.status] = (runs[run.status] ?? 0) + 1;
      credits += run.creditsCharged ?? 0;
      if (run.status === 'failed') {
        const code = run.error?.code ?? 'unknown';
        failures[code] = (failures[code] ?? 0) + 1;
      }
    }
  }
  const [succeeded, failed] = [runs['success'] ?? 0, runs['failed'] ?? 0];
  return {
    window_hours: hours,
    accounts: users.length,
    active_accounts: active,
    runs,
    success_rate: succeeded + failed === 0 ? null : succeeded / (succeeded + failed),
    credits,
    failures: Object.entries(failures)
      .map(([code, count]) => ({ code, runs: count }))
      .toSorted((a, b) => b.runs - a.runs)
      .slice(0, MOST_FAILURES),
    is_complete: isComplete,
  };
}

async function runsOf(userId: string, from: string, runs: Pick<RunStore, 'list'>) {
  const found: Run[] = [];
  let after: string | undefined;
  do {
    const page = await runs.list({ userId }, { limit: PAGE, after, from });
    found.push(...page.items);
    after = page.next;
  } while (after !== undefined && found.length < MOST_RUNS_OF_A_USER);
  return { found, isAll: after === undefined };
}

/** The figures as a few sentences, for an e-mail. */
export function figuresAsText(figures: Figures): string {
  const { window_hours, runs, success_rate, accounts, active_accounts, credits, failures } =
    figures;
  const total = Object.values(runs).reduce((sum, count) => sum + count, 0);
  const byStatus = Object.entries(runs).map(([status, count]) => `${count} ${status}`);
  const rate =
    success_rate === null
      ? 'none has ended yet'
      : `${Math.round(success_rate * 1_000) / 10} % succeeded`;
  return [
    `In the last ${window_hours} hours ${total} runs were started (${byStatus.join(', ') || 'none'}); ${rate}.`,
    `${active_accounts} of ${accounts} accounts were active, and ${credits} credits were spent.`,
    failures.length === 0
      ? 'No run failed.'
      : `Runs failed for these reasons: ${failures.map((one) => `${one.code} (${one.runs})`).join(', ')}.`,
    ...(figures.is_complete ? [] : ['There was more than could be counted.']),
  ].join('\n');
}
