/**
 * When agents run: unix cron in a time zone, or one time. Everything here is pure; what it computes
 * is the one truth about nominal times, which Scheduler and sweeper only carry out.
 */
export { cronProblem, parseCron } from './schedules/cron.ts';
export { describeCron } from './schedules/describe.ts';
export { firesBetween, nextFires, previousFire } from './schedules/fires.ts';
export { scheduleNotes } from './schedules/notes.ts';
export { parseRunAt, runAtProblem } from './schedules/run-at.ts';
export { ScheduleError } from './schedules/schedule-error.ts';
export { toSchedulerExpressions } from './schedules/scheduler-expressions.ts';
export { minimumIntervalMinutes } from './schedules/shortest-interval.ts';
export { timezoneProblem } from './schedules/zone.ts';
