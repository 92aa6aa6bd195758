import { cronFields, type FieldValues, readField } from './cron-field.ts';
import type { Cron } from './schedule.ts';
import { problemOf, ScheduleError } from './schedule-error.ts';

/** Longest cron expression, in characters. */
export const MAX_CRON_LENGTH = 256;

const macros: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

/**
 * Reads a unix cron expression of five fields: minute, hour, day of month, month, day of week.
 *
 * Each takes `*`, numbers, ranges, lists, and steps of a star or a range; months and weekdays also
 * take English names of three letters; `?` means `*` in the day fields; weekday 7 is Sunday.
 *
 * @throws ScheduleError that says what to change: another dialect, a value out of range, or a time
 * that never comes, such as 30 February.
 */
export function parseCron(expression: string): Cron {
  if (expression.length > MAX_CRON_LENGTH) {
    throw new ScheduleError(
      `A cron expression has at most ${MAX_CRON_LENGTH} characters; use ranges and steps.`,
    );
  }
  const texts = expression.split(/[ \t]+/).filter((text) => text !== '');
  checkCount(texts);
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = ''] = texts;
  return settleDays(
    {
      minutes: readField(minute, cronFields.minute).values,
      hours: readField(hour, cronFields.hour).values,
      months: readField(month, cronFields.month).values,
    },
    readField(dayOfMonth, cronFields.dayOfMonth),
    readField(dayOfWeek, cronFields.dayOfWeek),
  );
}

/** What is wrong with a cron expression and what to change, or `undefined` when nothing is. */
export function cronProblem(expression: string): string | undefined {
  return problemOf(() => parseCron(expression));
}

function checkCount(texts: readonly string[]): void {
  const [first = ''] = texts;
  const macro = macros.get(first.toLowerCase());
  if (macro !== undefined) throw new ScheduleError(`Write "${macro}" in place of "${first}".`);
  if (/^(?:cron_)?tz=/i.test(first)) {
    throw new ScheduleError('Put the time zone into the field "timezone", not into the cron text.');
  }
  if (texts.length === 5) return;
  const hint =
    texts.length > 5 ? ' Leave out seconds and years: the shortest step is a minute.' : '';
  throw new ScheduleError(
    `A cron expression has five fields (minute, hour, day of month, month, day of week), such as "0 9 * * 1-5"; this one has ${texts.length}.${hint}`,
  );
}

const everyDayOfMonth = Array.from({ length: 31 }, (_, place) => place + 1);
const everyDayOfWeek = Array.from({ length: 7 }, (_, place) => place);
const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Leaves both day sets restricted only where each of them adds days of its own. */
function settleDays(
  rest: Omit<Cron, 'daysOfMonth' | 'daysOfWeek'>,
  ofMonth: FieldValues,
  ofWeek: FieldValues,
): Cron {
  const cron = { ...rest, daysOfMonth: ofMonth.values, daysOfWeek: ofWeek.values };
  const daysExist = cron.months.some(
    (month) => (cron.daysOfMonth[0] ?? 0) <= (longestMonths[month - 1] ?? 0),
  );
  if (ofMonth.any || ofWeek.any) {
    if (daysExist) return cron;
    throw new ScheduleError(
      'This can never fire: no month that it names has such a day; change the day or the month.',
    );
  }
  if (ofMonth.stepsOfAny || ofWeek.stepsOfAny) throw unclearDays();
  if (ofMonth.values.length === 31 || ofWeek.values.length === 7) {
    return { ...cron, daysOfMonth: everyDayOfMonth, daysOfWeek: everyDayOfWeek };
  }
  return daysExist ? cron : { ...cron, daysOfMonth: everyDayOfMonth };
}

function unclearDays(): ScheduleError {
  return new ScheduleError(
    'Crons disagree whether a step on * in one day field and days in the other mean both or either; write the step on a range, as in 1-31/2 or 0-6/2, to run on days that either field names.',
  );
}
