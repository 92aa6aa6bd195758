import type { MadeCron } from './any-cron.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A minute of the world and what a local clock shows then, in the UTC fields of `shown`. */
export type ClockMinute = { readonly at: number; readonly shown: number };

/** Reads a zone's clock, apart from how the product does. */
export function wallClock(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  return (at) => Date.parse(`${format.format(at).replace(' ', 'T')}Z`);
}

/** Each minute from one time until another. */
export function clockMinutes(timeZone: string, from: number, to: number): ClockMinute[] {
  const show = wallClock(timeZone);
  const count = Math.floor((to - from) / MINUTE_MS);
  return Array.from({ length: count }, (_, place) => from + place * MINUTE_MS).map((at) => ({
    at,
    shown: show(at),
  }));
}

/** The one rule about clock changes, told minute by minute. */
export function firesByScan(made: MadeCron, minutes: readonly ClockMinute[]): number[] {
  const everyHour = made.hours.size === 24;
  const bothPasses = everyHour || made.minutes.size > 1;
  const days = new Set(minutes.map(({ shown }) => Math.floor(shown / DAY_MS)));
  let latest = Number.NEGATIVE_INFINITY;
  let before: number | undefined;
  return minutes
    .filter(({ shown }) => {
      const skipped: number[] = [];
      for (let time = (before ?? shown) + MINUTE_MS; time < shown; time += MINUTE_MS) {
        if (days.has(Math.floor(time / DAY_MS))) skipped.push(time);
      }
      const isNew = shown > latest;
      before = shown;
      latest = Math.max(latest, shown);
      if (!everyHour && skipped.some((time) => made.matches(new Date(time)))) return true;
      return (isNew || bothPasses) && made.matches(new Date(shown));
    })
    .map(({ at }) => at);
}
