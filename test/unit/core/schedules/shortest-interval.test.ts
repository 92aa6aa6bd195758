import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firesBetween, minimumIntervalMinutes, parseCron } from '#core/schedules/schedules';
import { anyCron } from './any-cron.ts';

const DAY = 1_440;

describe('minimumIntervalMinutes', () => {
  it.each([
    ['* * * * *', 1],
    ['*/15 * * * *', 15],
    ['*/45 * * * *', 15],
    ['0 * * * *', 60],
    ['0 9 * * *', DAY],
    ['59 9 * * *', DAY],
    ['0 0,23 * * *', 60],
    ['58,59 0 * * *', 1],
    ['0,30 0,23 * * *', 30],
    ['0 9 * * 1-5', DAY],
    ['0 9 * * 1', 7 * DAY],
    ['0 9 * * 1,4', 3 * DAY],
    ['0 9 1 * *', 28 * DAY],
    ['0 9 31 * *', 31 * DAY],
    ['0 9 25 12 *', 365 * DAY],
    ['0 9 29 2 *', 1_461 * DAY],
    ['0 9 1 * 1', DAY],
    ['0,59 0,23 1 * *', 59],
  ])('of %j is %i', (expression, minutes) => {
    expect(minimumIntervalMinutes(parseCron(expression))).toBe(minutes);
  });

  it('is never longer than a distance that is met', () => {
    fc.assert(
      fc.property(anyCron, ({ expression }) => {
        const cron = parseCron(expression);
        const from = Date.UTC(2026, 0);
        const fires = firesBetween({ cron, timezone: 'UTC' }, from, Date.UTC(2036, 0), 500);
        const distances = fires.slice(1).map((fire, place) => fire - (fires[place] ?? 0));

        const shortest = minimumIntervalMinutes(cron) * 60_000;

        expect(Math.min(...distances, Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(shortest);
      }),
      { numRuns: 100 },
    );
  });
});
