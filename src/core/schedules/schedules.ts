/**
 * When agents run: unix cron in a time zone, or one time. Everything here is pure; what it computes
 * is the one truth about nominal times, which Scheduler and sweeper only carry out.
 */
export { cronProblem, parseCron } from './cron.ts';
export { describeCron } from './describe.ts';
export { firesBetween, nextFires, previousFire } from './fires.ts';
export { scheduleNotes } from './notes.ts';
export { parseRunAt, runAtProblem } from './run-at.ts';
export { ScheduleError } from './schedule-error.ts';
export { toSchedulerExpressions } from './scheduler-expressions.ts';
export { minimumIntervalMinutes } from './shortest-interval.ts';
export { timezoneProblem } from './zone.ts';
