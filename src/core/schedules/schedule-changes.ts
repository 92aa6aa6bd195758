import type { Clock } from '#core/ports';
import type { ScheduleStore, Timetable } from '#core/schedules/schedule-store';
import { type StoredSchedule, type Timing, wholeSecond } from '#core/schedules/timetable';

/**
 * Makes the fast path agree with a stored schedule, and notes that it does. Safe to repeat, and to
 * be cut off at any point: until it is noted, the sweeper comes back to it.
 */
export async function applySchedule(
  schedule: StoredSchedule,
  deps: {
    readonly schedules: Pick<ScheduleStore, 'find' | 'markApplied'>;
    readonly timetable: Timetable;
    readonly clock: Clock;
  },
): Promise<void> {
  const { generation, oldestGeneration, timing } = schedule;
  if (timing && isAhead(timing, deps.clock.now())) await deps.timetable.put(schedule, timing);
  for (let stale = oldestGeneration; stale < generation; stale += 1) {
    await deps.timetable.remove(schedule, stale);
  }
  if (timing === undefined) await deps.timetable.remove(schedule, generation);
  if (await deps.schedules.markApplied(schedule)) return;
  // Somebody else was quicker. If with a newer generation, this one must not stay behind.
  const current = await deps.schedules.find(schedule.userId, schedule.agentId);
  if (current?.generation !== generation) await deps.timetable.remove(schedule, generation);
}

/** One time that has passed is the sweeper's: the fast path would never fire, and never forget it. */
function isAhead(timing: Timing, now: number): boolean {
  return timing.kind === 'cron' || wholeSecond(timing.runAt) > now;
}
