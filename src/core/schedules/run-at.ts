import { problemOf, ScheduleError } from './schedule-error.ts';

const shape =
  /^(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?)(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?$/i;

/** Scheduler knows the years up to 2199. */
const END = Date.UTC(2200, 0);

/**
 * Epoch milliseconds of an ISO 8601 time with its zone: `2027-01-01T09:00:00Z`, `…T09:00+01:00`.
 * Seconds and their fractions may be left out; digits beyond milliseconds are cut off.
 *
 * @throws ScheduleError that says what to change.
 */
export function parseRunAt(text: string): number {
  const match = text.length > 40 ? null : shape.exec(text);
  if (match === null) {
    throw new ScheduleError('Write a time as ISO 8601, such as "2027-01-01T09:00:00Z".');
  }
  const [, day = '', time = '', zone] = match;
  if (zone === undefined) {
    throw new ScheduleError(`Say in which zone: write "${text}Z" for UTC, or end it with +01:00.`);
  }
  // Date.parse takes 30 February for 2 March.
  const midnight = new Date(`${day}T00:00Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day)) {
    throw new ScheduleError(`There is no day ${day}; write one that the calendar has.`);
  }
  const at = Date.parse(`${day}T${time}${zone.toUpperCase()}`);
  if (at >= END) throw new ScheduleError('Give a time before the year 2200.');
  return at;
}

/** What is wrong with a time for {@link parseRunAt}, or `undefined` when nothing is. */
export function runAtProblem(text: string): string | undefined {
  return problemOf(() => parseRunAt(text));
}
