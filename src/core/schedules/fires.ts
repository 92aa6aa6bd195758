import { firstNamedTime, lastNamedTime } from './cron-days.ts';
import type { Cron, Schedule } from './schedule.ts';
import { type Stretch, stretchAt } from './zone.ts';

const DAY_MS = 86_400_000;
/** From 29 February 2096 to 2104 it is eight years; twice that is beyond any cron. */
const HORIZON_MS = 16 * 366 * DAY_MS;
const LAST_INSTANT = Date.UTC(9999, 0);

/**
 * The next nominal times, ascending: epoch milliseconds strictly after an instant, at most `count`.
 *
 * Each time that the cron names on the local clock is one fire, on days of a clock change too:
 * - A time that the clock skips fires at the first instant after the gap, unless the cron names
 *   every hour, or the whole local day is skipped.
 * - A time that the clock shows twice fires once, the first time, if the cron names one minute of
 *   some hours. A cron of every hour, or of several minutes in an hour, fires both times.
 *
 * Fewer than `count` come only near the year 9999.
 *
 * @throws ScheduleError when there is no such time zone.
 */
export function nextFires(schedule: Schedule, after: Date | number, count: number): number[] {
  return firstOf(firesAfter(schedule, Number(after), LAST_INSTANT), count);
}

/** The first `limit` nominal times of {@link nextFires} in a span of time. */
export function firesBetween(
  schedule: Schedule,
  fromExclusive: Date | number,
  toInclusive: Date | number,
  limit: number,
): number[] {
  return firstOf(firesAfter(schedule, Number(fromExclusive), Number(toInclusive)), limit);
}

/**
 * The latest nominal time of {@link nextFires} that is not after an instant; `undefined` only near
 * the beginning of time.
 *
 * @throws ScheduleError when there is no such time zone.
 */
export function previousFire(
  { cron, timezone }: Schedule,
  notAfter: Date | number,
): number | undefined {
  const latest = Number(notAfter);
  for (let upTo = latest; upTo > latest - HORIZON_MS; ) {
    const stretch = stretchAt(timezone, upTo);
    const time = lastNamedTime(cron, firstReading(cron, stretch), upTo + stretch.offset);
    if (time !== undefined) return time - stretch.offset;
    if (firesAtStart(cron, stretch)) return stretch.start;
    upTo = stretch.start - 1;
  }
  return undefined;
}

function firstOf(fires: Iterable<number>, count: number): number[] {
  const first: number[] = [];
  if (count < 1) return first;
  for (const fire of fires) {
    first.push(fire);
    if (first.length >= count) break;
  }
  return first;
}

function* firesAfter({ cron, timezone }: Schedule, after: number, last: number) {
  for (let from = Math.floor(after) + 1; from <= last; ) {
    const stretch = stretchAt(timezone, from);
    yield* firesIn(cron, stretch, from, Math.min(stretch.end, last + 1));
    from = stretch.end;
  }
}

/** The fires from one instant until another, which both lie in the stretch. */
function* firesIn(cron: Cron, stretch: Stretch, from: number, end: number): Generator<number> {
  const { start, offset } = stretch;
  let next = Math.max(from + offset, firstReading(cron, stretch));
  if (from <= start && firesAtStart(cron, stretch)) {
    yield start;
    next = Math.max(next, start + offset + 1);
  }
  for (;;) {
    const time = firstNamedTime(cron, next, end + offset);
    if (time === undefined) return;
    yield time - offset;
    next = time + 60_000;
  }
}

/** Whether times that the clock shows a second time fire again. */
export function firesInBothPasses(cron: Cron): boolean {
  return namesEveryHour(cron) || cron.minutes.length > 1;
}

/** Whether the cron follows the hours as they come, and so has nothing to make up for. */
export function namesEveryHour(cron: Cron): boolean {
  return cron.hours.length === 24;
}

/** What the clock shows at the start of a stretch, or when it first shows something new. */
function firstReading(cron: Cron, { start, offset, offsetBefore }: Stretch): number {
  return start + (firesInBothPasses(cron) ? offset : Math.max(offset, offsetBefore));
}

function firesAtStart(cron: Cron, stretch: Stretch): boolean {
  return !namesEveryHour(cron) && namedTimesInGap(cron, stretch, 1).length > 0;
}

/**
 * The named times that the clock skips as a stretch starts, without days that are skipped whole:
 * readings of the local clock, ascending, at most `limit`.
 */
export function namedTimesInGap(cron: Cron, stretch: Stretch, limit: number): number[] {
  const gapStart = stretch.start + stretch.offsetBefore;
  const gapEnd = stretch.start + stretch.offset;
  const times: number[] = [];
  for (let next = gapStart; times.length < limit; ) {
    const time = firstNamedTime(cron, next, gapEnd);
    if (time === undefined) break;
    const day = Math.floor(time / DAY_MS) * DAY_MS;
    const dayExists = day < gapStart || day + DAY_MS > gapEnd;
    if (dayExists) times.push(time);
    next = dayExists ? time + 60_000 : day + DAY_MS;
  }
  return times;
}
