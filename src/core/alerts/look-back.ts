import type { AgentHealth, AgentRef } from '#core/alerts/health';
import { HOUR_MS, type Seen } from '#core/alerts/judge-health';
import { type AlertSettings, DISABLE_AFTER } from '#core/alerts/settings';
import { firstIdAt } from '#core/ids';
import type { RunStore } from '#core/ports';
import type { Run } from '#core/runs/run';

/** Runs that are read together, and at most in one direction: a flood must not be read whole. */
const PAGE = 25;
const MOST_RUNS = 200;

type Lists = Pick<RunStore, 'list'>;
type Bounds = { readonly from?: string; readonly to?: string };

/**
 * What an agent's history says about how it is doing. Runs count in the order of their triggers;
 * cancelled and rejected ones, and those that are open, count neither way.
 *
 * Reading the history instead of keeping a count is what makes a run that succeeds cost nothing.
 */
export async function lookBack(
  health: AgentHealth,
  alert: AlertSettings,
  now: number,
  runs: Lists,
): Promise<Seen> {
  const { lastFailed, state } = health;
  const succeeded = await successAfter(health, runs);
  const most = Math.max(alert.after_consecutive_failures ?? 0, DISABLE_AFTER);
  const { countAfter } = state;
  const isFailing =
    succeeded === undefined && lastFailed !== undefined && lastFailed > (countAfter ?? '');
  const since = countAfter === undefined ? {} : { from: countAfter };
  const streak = isFailing
    ? await streakWithin(health, { ...since, to: lastFailed }, most, runs)
    : undefined;
  const { absence_hours: hours } = alert;
  const isWatched = hours !== null && health.watchedFrom !== undefined;
  return {
    ...(streak && { streak }),
    ...(succeeded && { succeeded: { runId: succeeded.runId } }),
    ...(isWatched && { presentAt: await presentAt(health, hours, now, runs) }),
  };
}

/** When the agent was last certain not to be absent: its newest success, or its last change. */
async function presentAt(
  health: AgentHealth,
  hours: number,
  now: number,
  runs: Lists,
): Promise<number> {
  const changed = Date.parse(health.watchedFrom ?? health.stirredAt);
  const from = firstIdAt('run', now - hours * HOUR_MS);
  const newest = await newestOf(health, { from }, (run) => run.status === 'success', runs);
  return Math.max(changed, newest ? Date.parse(newest.triggeredAt) : 0);
}

/** The newest run that ended, if it succeeded: after all that may have to be told or was. */
async function successAfter(health: AgentHealth, runs: Lists): Promise<Run | undefined> {
  const { lastFailed, state } = health;
  const absentFrom = state.absentAt && firstIdAt('run', state.absentAt);
  const marks = [lastFailed, absentFrom, state.countAfter].filter((id) => typeof id === 'string');
  const from = marks.toSorted().at(-1);
  if (from === undefined) return undefined;
  const newest = await newestOf(health, { from }, isVerdict, runs);
  return newest?.status === 'success' ? newest : undefined;
}

function isVerdict({ status }: Run): boolean {
  return status === 'success' || status === 'failed';
}

async function newestOf(
  agent: AgentRef,
  bounds: Bounds,
  fits: (run: Run) => boolean,
  runs: Lists,
): Promise<Run | undefined> {
  for await (const run of newestFirst(agent, bounds, runs)) if (fits(run)) return run;
  return undefined;
}

async function streakWithin(
  agent: AgentRef,
  bounds: Bounds,
  most: number,
  runs: Lists,
): Promise<Seen['streak']> {
  const failed: Run[] = [];
  let successBefore: string | undefined;
  for await (const run of newestFirst(agent, bounds, runs)) {
    if (run.status === 'success') {
      successBefore = run.runId;
      break;
    }
    if (run.status === 'failed') failed.push(run);
    if (failed.length >= most) break;
  }
  const [last, first] = [failed[0], failed.at(-1)];
  if (last === undefined || first === undefined) return undefined;
  return {
    count: failed.length,
    firstRunId: first.runId,
    lastRunId: last.runId,
    ...(successBefore !== undefined && { successBefore }),
    ...(last.error && { reason: last.error.message }),
  };
}

async function* newestFirst(
  { userId, agentId }: AgentRef,
  bounds: Bounds,
  runs: Lists,
): AsyncGenerator<Run> {
  let after: string | undefined;
  for (let read = 0; read < MOST_RUNS; read += PAGE) {
    const page = await runs.list({ userId, agentId }, { limit: PAGE, after, ...bounds });
    yield* page.items;
    if (page.next === undefined) return;
    after = page.next;
  }
}
