import type { Metrics } from '#core/metrics';
import { recordRejection } from '#core/runs/run-metrics';
import type { RunQueue } from '#core/runs/run-queue';
import type { RunStore } from '#core/runs/run-store';
import { type FireDeps, missedRun, startNominal } from '#core/schedules/fire-schedule';
import { applySchedule } from '#core/schedules/schedule-changes';
import type { ScheduleStore, Timetable } from '#core/schedules/schedule-store';
import { missedUntil, nextFire, type StoredSchedule } from '#core/schedules/timetable';

/** After this, a change that the fast path refused is offered to it again, in milliseconds. */
const APPLY_AGAIN_MS = 60_000;

/** What tending schedules works with. */
export type ScheduleSweepDeps = FireDeps & {
  readonly runs: Pick<RunStore, 'createScheduled' | 'reject'>;
  readonly schedules: ScheduleStore;
  readonly timetable: Timetable;
  readonly queue: Pick<RunQueue, 'enqueue'>;
  readonly metrics: Metrics;
};

/**
 * Makes up for what the fast path of schedules left out: a change that it was not told of, a time
 * that it skips by its own rules (the hour that clocks skip, the hour that they repeat), or times
 * that passed while nothing ran.
 *
 * @returns how many nominal times were dealt with
 */
export async function tendSchedule(
  schedule: StoredSchedule,
  deps: ScheduleSweepDeps,
): Promise<number> {
  const started = await startPassed(schedule, deps);
  if (schedule.isApplied && started === 0) {
    // A change that was noted while it fired: the index still holds the time before.
    await deps.schedules.markApplied(schedule);
  } else if (!schedule.isApplied) {
    await applyOrPostpone(schedule, deps);
  }
  return started;
}

/** What the fast path does not take now is offered to it again later; until then we stand in. */
async function applyOrPostpone(schedule: StoredSchedule, deps: ScheduleSweepDeps): Promise<void> {
  try {
    await applySchedule(schedule, deps);
    deps.log.info('schedule applied', { agentId: schedule.agentId });
  } catch (error) {
    deps.log.error('schedule not applied', { agentId: schedule.agentId, error });
    await deps.schedules.postpone(schedule, deps.clock.now() + APPLY_AGAIN_MS);
  }
}

/**
 * Tends a schedule at a moment at which the fast path does not run yet: the first sweep tells it.
 *
 * @returns how many nominal times were dealt with
 */
export async function recoverSchedule(
  schedule: StoredSchedule,
  deps: ScheduleSweepDeps,
): Promise<number> {
  if (!schedule.isApplied) await deps.schedules.postpone(schedule, deps.clock.now());
  return startPassed(schedule, deps);
}

/**
 * Starts the nominal times that have passed, or shows them as missed, by `catch_up`.
 *
 * @returns how many were dealt with
 */
export async function startPassed(
  schedule: StoredSchedule,
  deps: ScheduleSweepDeps,
): Promise<number> {
  const now = deps.clock.now();
  const missed = missedUntil(schedule, now);
  if (missed.start.length > 0) {
    deps.metrics.record('Repair', 'sweep', { MissedFires: missed.start.length });
  }
  let current = await reject(schedule, missed.rejected, now, deps);
  for (const nominal of missed.start) {
    const run = await startNominal(current, nominal, deps);
    if (run !== undefined) await deps.queue.enqueue(run);
    current = movedBehind(current, nominal);
  }
  return missed.start.length + missed.rejected.length;
}

/** Shows what was missed for good in the history, and moves on behind it. */
async function reject(
  schedule: StoredSchedule,
  missed: readonly number[],
  now: number,
  deps: ScheduleSweepDeps,
): Promise<StoredSchedule> {
  const last = missed.at(-1);
  if (last === undefined) return schedule;
  const agent = await deps.agents.find(schedule.userId, schedule.agentId);
  if (agent === undefined) return schedule;
  deps.log.warn('scheduled times missed', { agentId: schedule.agentId, count: missed.length });
  const moved = movedBehind(schedule, last);
  await deps.runs.reject(missedRun(agent, missed, now), { schedule, nextAt: moved.nextAt });
  recordRejection(deps.metrics, 'schedule', 'missed', missed.length);
  return moved;
}

function movedBehind(schedule: StoredSchedule, nominal: number): StoredSchedule {
  const { nextAt: _, ...rest } = schedule;
  const nextAt = schedule.timing && nextFire(schedule.timing, nominal);
  return { ...rest, ...(nextAt !== undefined && { nextAt }) };
}
