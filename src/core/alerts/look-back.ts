import type { AgentSettings } from '#core/agents/agent';
import type { AgentHealth, AgentRef } from '#core/alerts/health';
import { HOUR_MS, type Seen } from '#core/alerts/judge-health';
import { DISABLE_AFTER } from '#core/alerts/settings';
import { firstIdAt } from '#core/ids';
import type { Run } from '#core/runs/run';
import type { RunStore } from '#core/runs/run-store';

/** Runs that are read together, and at most in one direction: a flood must not be read whole. */
const PAGE = 25;
const MOST_RUNS = 200;

const DAY_MS = 86_400_000;

/**
 * A run that succeeded is kept for as long as a failure before it, but for what it came later. A daily
 * run comes after 25 hours when clocks are set back, and a little later still.
 */
const LATE_MS = 2 * HOUR_MS;

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
  { alert, log_retention_days: keptDays }: Pick<AgentSettings, 'alert' | 'log_retention_days'>,
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
  const seenFrom = firstIdAt('run', now - keptDays * DAY_MS - LATE_MS);
  const streak = isFailing
    ? await streakWithin(health, { ...since, to: lastFailed }, { most, seenFrom }, runs)
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

/**
 * @param limits.most how many failures are looked for
 * @param limits.seenFrom the run behind which the history may have lost one that succeeded
 */
async function streakWithin(
  health: AgentHealth,
  bounds: Bounds,
  { most, seenFrom }: { readonly most: number; readonly seenFrom: string },
  runs: Lists,
): Promise<Seen['streak']> {
  const failed: Run[] = [];
  let successBefore: string | undefined;
  let read = 0;
  for await (const run of newestFirst(health, bounds, runs)) {
    read += 1;
    if (run.status === 'success') {
      successBefore = run.runId;
      break;
    }
    if (run.status === 'failed') failed.push(run);
    if (failed.length >= most) break;
  }
  const found = failed.map(({ runId }) => runId);
  const isWhole = successBefore === undefined && read < MOST_RUNS;
  const lost = isWhole ? lostSince(health, { ...bounds, to: found.at(-1) }, seenFrom) : [];
  const runIds = [...found, ...lost].slice(0, most);
  const [lastRunId, firstRunId] = [runIds[0], runIds.at(-1)];
  if (lastRunId === undefined || firstRunId === undefined) return undefined;
  const reason = failed[0]?.error?.message;
  return {
    count: runIds.length,
    firstRunId,
    lastRunId,
    runIds,
    ...(successBefore !== undefined && { successBefore }),
    ...(reason !== undefined && { reason }),
  };
}

/** Failures of the last look that the history has lost, where a success since then would still be in it. */
function lostSince(
  { state }: AgentHealth,
  { from = '', to = '~' }: { readonly from?: string; readonly to?: string | undefined },
  seenFrom: string,
): readonly string[] {
  const lost = (state.failed ?? []).filter((runId) => runId >= from && runId < to);
  return lost[0] !== undefined && lost[0] > seenFrom ? lost : [];
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
