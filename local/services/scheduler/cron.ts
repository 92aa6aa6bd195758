import { parseValue, parseValues, RANGES } from '#local/services/scheduler/cron-field';
import type { Zone } from '#local/services/scheduler/zone';

/** A cron expression as EventBridge Scheduler understands it. */
export type Cron = {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly months: ReadonlySet<number>;
  readonly years: ReadonlySet<number>;
  /** Whether a date is meant, its month and year being so. */
  isDay(date: Date): boolean;
};

type DayTest = (date: Date) => boolean;

const DAY_MS = 86_400_000;
const SUNDAY = 0;
const SATURDAY = 6;

/**
 * Parse the six fields `minutes hours day-of-month month day-of-week year`. Of the two days one must be `?`.
 *
 * @returns undefined when EventBridge would refuse them.
 */
export function parseCron(fields: string): Cron | undefined {
  const parts = fields.trim().split(/\s+/);
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = parts;
  if (parts.length !== 6 || (dayOfMonth === '?') === (dayOfWeek === '?')) return undefined;
  const minutes = parseValues(minute, RANGES.minute);
  const hours = parseValues(hour, RANGES.hour);
  const months = parseValues(month, RANGES.month);
  const years = parseValues(year, RANGES.year);
  const isDay = dayOfWeek === '?' ? parseDayOfMonth(dayOfMonth) : parseDayOfWeek(dayOfWeek);
  if (!minutes || !hours || !months || !years || !isDay) return undefined;
  return { minutes, hours, months: new Set(months), years: new Set(years), isDay };
}

/**
 * The first instant after another at which a zone's clocks show one of the expression's times. A time that the zone's
 * clocks leave out is left out; of a time that they show twice, the second is.
 */
export function nextCronTime(cron: Cron, zone: Zone, after: number): number | undefined {
  const start = zone.localOf(after);
  let day = start - (((start % DAY_MS) + DAY_MS) % DAY_MS);
  for (;;) {
    const date = new Date(day);
    const year = date.getUTCFullYear();
    const month = date.getUTCMonth() + 1;
    if (year > RANGES.year.last) return undefined;
    if (!cron.years.has(year)) day = Date.UTC(year + 1, 0, 1);
    else if (!cron.months.has(month)) day = Date.UTC(year, month, 1);
    else {
      const found = cron.isDay(date) ? firstOfDay(cron, zone, { day, start, after }) : undefined;
      if (found !== undefined) return found;
      day += DAY_MS;
    }
  }
}

function firstOfDay(
  { hours, minutes }: Cron,
  zone: Zone,
  { day, start, after }: { day: number; start: number; after: number },
): number | undefined {
  for (const hour of hours) {
    for (const minute of minutes) {
      const local = day + (hour * 60 + minute) * 60_000;
      if (local <= start) continue;
      const instant = zone.instantOf(local);
      if (instant !== undefined && instant > after) return instant;
    }
  }
  return undefined;
}

/** `L` is the month's last day, `15W` the weekday of that month that is nearest to the 15th. */
function parseDayOfMonth(text: string): DayTest | undefined {
  if (text.toUpperCase() === 'L') return (date) => date.getUTCDate() === lastOfMonth(date);
  if (/w$/i.test(text)) {
    const day = parseValue(text.slice(0, -1), RANGES.dayOfMonth);
    return day === undefined
      ? undefined
      : (date) => date.getUTCDate() === nearestWeekday(date, day);
  }
  const days = parseValues(text, RANGES.dayOfMonth);
  return days && ((date) => days.includes(date.getUTCDate()));
}

/** `L` is Saturday, `6L` the month's last Friday, `6#3` its third. */
function parseDayOfWeek(text: string): DayTest | undefined {
  const isLast = /^(.+)L$/i.exec(text);
  if (isLast) {
    const weekday = parseValue(isLast[1] ?? '', RANGES.dayOfWeek);
    if (weekday === undefined) return undefined;
    return (date) => weekdayOf(date) === weekday && date.getUTCDate() > lastOfMonth(date) - 7;
  }
  const isNth = /^(.+)#([1-5])$/.exec(text);
  if (isNth) {
    const weekday = parseValue(isNth[1] ?? '', RANGES.dayOfWeek);
    if (weekday === undefined) return undefined;
    const nth = Number(isNth[2]);
    return (date) => weekdayOf(date) === weekday && Math.ceil(date.getUTCDate() / 7) === nth;
  }
  const days = parseValues(text.toUpperCase() === 'L' ? 'SAT' : text, RANGES.dayOfWeek);
  return days && ((date) => days.includes(weekdayOf(date)));
}

/** Sunday is 1. */
function weekdayOf(date: Date): number {
  return date.getUTCDay() + 1;
}

function lastOfMonth(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}

/** It never leaves the month; a month without the day has none. */
function nearestWeekday(date: Date, day: number): number | undefined {
  const last = lastOfMonth(date);
  if (day > last) return undefined;
  const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day)).getUTCDay();
  if (weekday === SATURDAY) return day === 1 ? 3 : day - 1;
  if (weekday === SUNDAY) return day === last ? day - 2 : day + 1;
  return day;
}
