import { type FireDeps, missedRun, startNominal } from '#core/fire-schedule';
import type { DueRef, RunQueue, RunStore, ScheduleStore, Timetable } from '#core/ports';
import { applySchedule } from '#core/schedule-changes';
import { missedUntil, nextFire, type StoredSchedule } from '#core/timetable';

/** What tending schedules works with. */
export type ScheduleSweepDeps = FireDeps & {
  readonly runs: Pick<RunStore, 'create' | 'createScheduled'>;
  readonly schedules: ScheduleStore;
  readonly timetable: Timetable;
  readonly queue: Pick<RunQueue, 'enqueue'>;
};

/**
 * Makes up for what the fast path of schedules left out: a change that it was not told of, a time
 * that it skips by its own rules (the hour that clocks skip, the hour that they repeat), or times
 * that passed while nothing ran.
 *
 * @returns how many runs were enqueued
 */
export async function tendSchedule(
  ref: Extract<DueRef, { kind: 'schedule' }>,
  deps: ScheduleSweepDeps,
): Promise<number> {
  const schedule = await deps.schedules.find(ref.userId, ref.agentId);
  if (schedule === undefined) return 0;
  if (!schedule.isApplied) {
    await applySchedule(schedule, deps);
    return 0;
  }
  const now = deps.clock.now();
  const missed = missedUntil(schedule, now);
  if (missed.start.length + missed.rejected.length === 0) {
    // A change that was noted while it fired: the index still holds the time before.
    await deps.schedules.markApplied(schedule);
    return 0;
  }
  let current = await reject(schedule, missed.rejected, now, deps);
  for (const nominal of missed.start) {
    const run = await startNominal(current, nominal, deps);
    if (run !== undefined) await deps.queue.enqueue(run);
    current = movedBehind(current, nominal);
  }
  return missed.start.length;
}

/** Shows what was missed for good in the history, and moves on behind it. */
async function reject(
  schedule: StoredSchedule,
  missed: readonly number[],
  now: number,
  deps: ScheduleSweepDeps,
): Promise<StoredSchedule> {
  const last = missed.at(-1);
  const agent = await deps.agents.find(schedule.userId, schedule.agentId);
  if (last === undefined || agent === undefined) return schedule;
  deps.log.warn('scheduled times missed', { agentId: schedule.agentId, count: missed.length });
  await deps.runs.create(missedRun(agent, missed, now), undefined);
  const moved = movedBehind(schedule, last);
  await deps.schedules.advance(schedule, moved.nextAt);
  return moved;
}

function movedBehind(schedule: StoredSchedule, nominal: number): StoredSchedule {
  const { nextAt: _, ...rest } = schedule;
  const nextAt = schedule.timing && nextFire(schedule.timing, nominal);
  return { ...rest, ...(nextAt !== undefined && { nextAt }) };
}
