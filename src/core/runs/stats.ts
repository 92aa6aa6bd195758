import * as z from 'zod';
import type { AgentStore } from '#core/agents/agent-store';
import type { StatsView } from '#core/api/stats';
import { firstIdAt } from '#core/ids';
import type { Clock } from '#core/ports';
import type { Run } from '#core/runs/run';
import type { RunStore } from '#core/runs/run-store';

/** Most runs that statistics look at, the newest ones. */
const MAX_RUNS = 2_000;

/** Runs that are read at once. */
const CHUNK = 100;

/** Agents that stand out, in each respect. */
const SHOWN_AGENTS = 5;
const HOUR_MS = 3_600_000;
const HOURS = { '24h': 24, '7d': 168 } as const;

/** The query of `GET /api/stats`. */
export const StatsQuery = z.strictObject({
  window: z.enum(['24h', '7d']).default('24h').describe('How far to look back.'),
});

/** What statistics are made from. */
export type StatsDeps = {
  readonly runs: Pick<RunStore, 'list'>;
  readonly agents: Pick<AgentStore, 'find'>;
  readonly clock: Clock;
};

/** How a user's runs of the last hours went, by the hour in which they were triggered. */
export async function userStats(
  userId: string,
  window: StatsView['window'],
  deps: StatsDeps,
): Promise<StatsView> {
  const until = deps.clock.now();
  const since = until - HOURS[window] * HOUR_MS;
  const { runs, truncated } = await newestRuns(userId, since, deps);
  const withName = async <Figures extends { readonly agent_id: string }>(figures: Figures) => {
    const agent = await deps.agents.find(userId, figures.agent_id);
    return { ...figures, name: agent?.name ?? null };
  };
  return {
    window,
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    truncated,
    ...summarize(runs),
    by_hour: byHour(runs, since, until),
    failing_agents: await Promise.all(mostFailing(runs).map(withName)),
    slow_agents: await Promise.all(slowest(runs).map(withName)),
  };
}

async function newestRuns(userId: string, since: number, deps: StatsDeps) {
  const from = firstIdAt('run', since);
  const runs: Run[] = [];
  let after: string | undefined;
  do {
    const page = await deps.runs.list({ userId }, { limit: CHUNK, after, from });
    runs.push(...page.items);
    after = page.next;
  } while (after !== undefined && runs.length < MAX_RUNS);
  return { runs, truncated: after !== undefined };
}

function summarize(
  runs: readonly Run[],
): Pick<StatsView, 'runs' | 'by_status' | 'success_rate' | 'duration_ms' | 'start_lag_ms'> {
  const counts = countByStatus(runs);
  const { success = 0, failed = 0 } = counts;
  return {
    runs: runs.length,
    by_status: counts,
    success_rate: success + failed === 0 ? null : success / (success + failed),
    duration_ms: percentiles(runs.flatMap((run) => span(run.startedAt, run.finishedAt))),
    start_lag_ms: percentiles(runs.flatMap((run) => span(run.triggeredAt, run.startedAt))),
  };
}

function countByStatus(runs: readonly Run[]): StatsView['by_status'] {
  const counts: StatsView['by_status'] = {};
  for (const { status } of runs) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

function byHour(runs: readonly Run[], since: number, until: number): StatsView['by_hour'] {
  const hourOf = (at: number) => Math.floor(at / HOUR_MS);
  const groups = Map.groupBy(runs, (run) => hourOf(Date.parse(run.triggeredAt)));
  const hours: StatsView['by_hour'] = [];
  for (let hour = hourOf(since); hour <= hourOf(until); hour += 1) {
    const there = groups.get(hour) ?? [];
    hours.push({
      hour: new Date(hour * HOUR_MS).toISOString(),
      runs: there.length,
      by_status: countByStatus(there),
    });
  }
  return hours;
}

function mostFailing(runs: readonly Run[]) {
  return [...Map.groupBy(runs, (run) => run.agentId)]
    .map(([agent_id, its]) => ({
      agent_id,
      failed: its.filter((run) => run.status === 'failed').length,
      runs: its.length,
    }))
    .filter(({ failed }) => failed > 0)
    .toSorted((a, b) => b.failed - a.failed || a.runs - b.runs)
    .slice(0, SHOWN_AGENTS);
}

function slowest(runs: readonly Run[]) {
  return [...Map.groupBy(runs, (run) => run.agentId)]
    .map(([agent_id, its]) => {
      const durations = its.flatMap((run) => span(run.startedAt, run.finishedAt));
      return { agent_id, duration_ms: percentiles(durations), runs: durations.length };
    })
    .filter(({ runs: count }) => count > 0)
    .toSorted((a, b) => (b.duration_ms.p50 ?? 0) - (a.duration_ms.p50 ?? 0))
    .slice(0, SHOWN_AGENTS);
}

function span(start: string | undefined, end: string | undefined): number[] {
  return start && end ? [Math.max(0, Date.parse(end) - Date.parse(start))] : [];
}

/** By nearest rank: a value that was really measured. */
function percentiles(values: readonly number[]): { p50: number | null; p95: number | null } {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? null;
  return { p50: rank(0.5), p95: rank(0.95) };
}
