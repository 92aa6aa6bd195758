import type { Cron } from './schedule.ts';

/** Days since 1 January 1970, in any one zone's calendar. */
type DayNumber = number;

const DAY_MINUTES = 1_440;
const DAY_MS = 86_400_000;

/** Whether a day meets the month and day fields. */
export function meetsDay(cron: Cron, day: DayNumber): boolean {
  const date = new Date(day * DAY_MS);
  if (!cron.months.includes(date.getUTCMonth() + 1)) return false;
  const inMonth = cron.daysOfMonth.includes(date.getUTCDate());
  const inWeek = cron.daysOfWeek.includes(date.getUTCDay());
  const eitherWillDo = cron.daysOfMonth.length < 31 && cron.daysOfWeek.length < 7;
  return eitherWillDo ? inMonth || inWeek : inMonth && inWeek;
}

/**
 * The first time at or after `from` and before `end` that a cron names. Both, and the answer, are
 * readings of a local clock: epoch milliseconds as if that clock showed UTC.
 */
export function firstNamedTime(cron: Cron, from: number, end: number): number | undefined {
  const fromMinute = Math.ceil(from / 60_000);
  const fromDay = Math.floor(fromMinute / DAY_MINUTES);
  for (let day = fromDay; day * DAY_MS < end; day += 1) {
    if (!meetsDay(cron, day)) continue;
    const minute = firstMinute(cron, day === fromDay ? fromMinute - day * DAY_MINUTES : 0);
    if (minute === undefined) continue;
    const time = day * DAY_MS + minute * 60_000;
    return time < end ? time : undefined;
  }
  return undefined;
}

/** The last time at or after `start` and at or before `upTo`, read as {@link firstNamedTime} does. */
export function lastNamedTime(cron: Cron, start: number, upTo: number): number | undefined {
  const upToMinute = Math.floor(upTo / 60_000);
  const lastDay = Math.floor(upToMinute / DAY_MINUTES);
  for (let day = lastDay; (day + 1) * DAY_MS > start; day -= 1) {
    if (!meetsDay(cron, day)) continue;
    const minute = lastMinute(cron, day === lastDay ? upToMinute - day * DAY_MINUTES : DAY_MINUTES);
    if (minute === undefined) continue;
    const time = day * DAY_MS + minute * 60_000;
    return time >= start ? time : undefined;
  }
  return undefined;
}

function firstMinute(cron: Cron, atLeast: number): number | undefined {
  const hour = cron.hours.find((one) => one * 60 + (cron.minutes.at(-1) ?? 0) >= atLeast);
  if (hour === undefined) return undefined;
  const minute = cron.minutes.find((one) => hour * 60 + one >= atLeast);
  return minute === undefined ? undefined : hour * 60 + minute;
}

function lastMinute(cron: Cron, atMost: number): number | undefined {
  const hour = cron.hours.findLast((one) => one * 60 + (cron.minutes[0] ?? 0) <= atMost);
  if (hour === undefined) return undefined;
  const minute = cron.minutes.findLast((one) => hour * 60 + one <= atMost);
  return minute === undefined ? undefined : hour * 60 + minute;
}
