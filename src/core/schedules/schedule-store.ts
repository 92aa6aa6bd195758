import type { StoredSchedule, Timing } from '#core/schedules/timetable';

/** Where schedules live. They are written with their agents; these are the other changes. */
export type ScheduleStore = {
  find(userId: string, agentId: string): Promise<StoredSchedule | undefined>;
  /**
   * Notes that the fast path agrees with this generation, and that the sweeper need not look before
   * its next time; false when the schedule has changed or moved on since it was read.
   */
  markApplied(schedule: StoredSchedule): Promise<boolean>;
  /**
   * Has the sweeper tell the fast path again, which still fires for an earlier generation: a process
   * that stalled told it late, and died before it could clean up.
   */
  reopen(schedule: StoredSchedule, staleGeneration: number): Promise<void>;
  /**
   * Has the sweeper make the fast path forget a schedule that nobody has any more: a process that
   * stalled made it after its agent was removed, and died. What is written for it expires.
   *
   * @param now epoch milliseconds
   */
  adopt(orphan: StoredSchedule, now: number): Promise<void>;
  /** Lets the sweeper come back to a change that the fast path did not take. */
  postpone(schedule: StoredSchedule, until: number): Promise<void>;
  /** Moves on from its next time without a run. */
  advance(schedule: StoredSchedule, nextAt: number | undefined): Promise<void>;
};

/** The fast path of schedules: something that sends a fire at each nominal time. */
export type Timetable = {
  /** Makes it fire for the schedule's generation. */
  put(schedule: StoredSchedule, timing: Timing): Promise<void>;
  /** Makes it forget one generation, which it may not know. */
  remove(schedule: StoredSchedule, generation: number): Promise<void>;
};
