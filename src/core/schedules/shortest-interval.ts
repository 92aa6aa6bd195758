import { meetsDay } from './cron-days.ts';
import type { Cron } from './schedule.ts';

const DAY_MINUTES = 1_440;
/** 1 January 1996, as days since 1970. */
const FIRST_DAY = 9_496;
/** Weekdays and leap years repeat after 28 years; the rest lets the last interval end. */
const DAYS = 30 * 366;

/** The shortest distance, in minutes of the local clock, between two times that a cron names. */
export function minimumIntervalMinutes(cron: Cron): number {
  const times = cron.hours.flatMap((hour) => cron.minutes.map((minute) => hour * 60 + minute));
  const withinDay = times.slice(1).map((time, place) => time - (times[place] ?? 0));
  const overNight = (times[0] ?? 0) - (times.at(-1) ?? 0);
  const shortest = Math.min(...withinDay, Number.POSITIVE_INFINITY);
  if (shortest <= overNight + DAY_MINUTES) return shortest;
  return Math.min(shortest, overNight + shortestDays(cron) * DAY_MINUTES);
}

function shortestDays(cron: Cron): number {
  let shortest = Number.POSITIVE_INFINITY;
  let last: number | undefined;
  for (let day = FIRST_DAY; day < FIRST_DAY + DAYS && shortest > 1; day += 1) {
    if (!meetsDay(cron, day)) continue;
    if (last !== undefined) shortest = Math.min(shortest, day - last);
    last = day;
  }
  return shortest;
}
