import { firstNamedTime } from './cron-days.ts';
import { firesInBothPasses, namedTimesInGap, namesEveryHour } from './fires.ts';
import type { Cron, Schedule } from './schedule.ts';
import { clockText, monthName, ordinal, zoneName } from './words.ts';
import { type Stretch, stretchAt } from './zone.ts';

const DAY_MS = 86_400_000;
const LOOK_AHEAD_MS = 400 * DAY_MS;

/**
 * Sentences on what may surprise an owner: months without the day that the cron names, and the next
 * time that the clocks go forward and back (within 400 days) where that touches this schedule.
 *
 * @throws ScheduleError when there is no such time zone.
 */
export function scheduleNotes({ cron, timezone }: Schedule, after: Date | number): string[] {
  const forward: string[] = [];
  const back: string[] = [];
  const from = Number(after);
  let stretch = stretchAt(timezone, from);
  while (stretch.end <= from + LOOK_AHEAD_MS) {
    stretch = stretchAt(timezone, stretch.end);
    forward.push(...gapNotes(cron, stretch, timezone));
    back.push(...repeatNotes(cron, stretch, timezone));
  }
  return [...shortMonthNotes(cron), ...forward.slice(0, 1), ...back.slice(0, 1)];
}

const shortestMonths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function shortMonthNotes({ daysOfMonth, daysOfWeek, months }: Cron): string[] {
  const [first = 1] = daysOfMonth;
  if (daysOfWeek.length < 7) return [];
  if (months.every((month) => first <= (shortestMonths[month - 1] ?? 0))) return [];
  return months.join() === '2'
    ? ['Only leap years have this day; in others there is no run.']
    : [`In months without a ${ordinal(first)} there is no run.`];
}

function gapNotes(cron: Cron, stretch: Stretch, timezone: string): string[] {
  const from = stretch.start + stretch.offsetBefore;
  const to = stretch.start + stretch.offset;
  const skipped = namedTimesInGap(cron, stretch, 2);
  if (skipped.length === 0) return [];
  const what = `On ${dayText(from)} the clocks skip ${spanText(from, to)} in ${zoneName(timezone)};`;
  if (namesEveryHour(cron)) return [`${what} there is no run in that time.`];
  const runs = skipped.length === 1 ? 'this run happens' : 'the runs of that time happen once,';
  const day = dayText(from) === dayText(to) ? 'that day' : `on ${dayText(to)}`;
  return [`${what} ${runs} at ${clockAt(to)} ${day}.`];
}

function repeatNotes(cron: Cron, stretch: Stretch, timezone: string): string[] {
  const from = stretch.start + stretch.offset;
  const to = stretch.start + stretch.offsetBefore;
  if (firstNamedTime(cron, from, to) === undefined) return [];
  const runs = firesInBothPasses(cron) ? 'runs both times' : 'runs only the first time';
  const place = zoneName(timezone);
  return [
    `On ${dayText(from)} the clocks show ${spanText(from, to)} twice in ${place}; this ${runs}.`,
  ];
}

/** Of readings of a local clock, as are the texts below. */
function spanText(from: number, to: number): string {
  return `${clockAt(from)}–${clockAt(to)}`;
}

function clockAt(reading: number): string {
  return clockText(Math.floor((reading % DAY_MS) / 60_000));
}

function dayText(reading: number): string {
  const date = new Date(reading);
  return `${date.getUTCDate()} ${monthName(date.getUTCMonth() + 1)} ${date.getUTCFullYear()}`;
}
