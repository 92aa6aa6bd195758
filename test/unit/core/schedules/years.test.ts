import { CronExpressionParser } from 'cron-parser';
import { Cron as Croner } from 'croner';
import { describe, expect, it } from 'vitest';
import { firesBetween, nextFires, parseCron } from '#core/schedules/schedules';
import { wallClock } from './wall-clock.ts';

const DAY_MS = 86_400_000;

/** Zones with ten years each; Apia's hold the day that it skipped. */
const zones = [
  { timezone: 'America/New_York', firstYear: 2026, localDays: 3_652 },
  { timezone: 'Europe/London', firstYear: 2026, localDays: 3_652 },
  { timezone: 'Australia/Lord_Howe', firstYear: 2026, localDays: 3_652 },
  { timezone: 'Pacific/Apia', firstYear: 2006, localDays: 3_651 },
  { timezone: 'Asia/Kolkata', firstYear: 2026, localDays: 3_652 },
  { timezone: 'Asia/Kathmandu', firstYear: 2026, localDays: 3_652 },
  { timezone: 'UTC', firstYear: 2026, localDays: 3_652 },
];

function schedule(expression: string, timezone: string) {
  return { cron: parseCron(expression), timezone };
}

/** Instants of local midnights, the first of January both times. */
function tenYears(timezone: string, firstYear: number): [from: number, to: number] {
  const [from = 0] = nextFires(schedule('0 0 1 1 *', timezone), Date.UTC(firstYear - 1, 5), 1);
  const [to = 0] = nextFires(schedule('0 0 1 1 *', timezone), Date.UTC(firstYear + 9, 5), 1);
  return [from, to];
}

describe.each(zones)('over ten years in $timezone', ({ timezone, firstYear, localDays }) => {
  const [from, to] = tenYears(timezone, firstYear);
  const show = wallClock(timezone);

  it.each(['0 0', '30 0', '0 1', '30 1', '45 1', '0 2', '10 2', '30 2', '0 9', '59 23'])(
    'a daily job at "%s" runs once on every local day',
    (time) => {
      const fires = firesBetween(schedule(`${time} * * *`, timezone), from - 1, to - 1, 10_000);

      const days = new Set(fires.map((fire) => Math.floor(show(fire) / DAY_MS)));
      expect(fires).toHaveLength(localDays);
      expect(days.size).toBe(localDays);
    },
  );

  it.each(['* * * * *', '*/15 * * * *', '*/7 0-3 * * *', '0,59 * * * *', '59 1,2,3 * * *'])(
    'the times of "%s" rise, none within 59 s of another',
    (expression) => {
      const one = schedule(expression, timezone);
      // Every minute of ten years is too much: the weeks of clock changes and new years will do.
      const spans = expression.startsWith('* ') ? changeWeeks(show, from, to) : [[from, to]];
      let shortest = Number.POSITIVE_INFINITY;
      for (const [start = 0, end = 0] of spans) {
        let last = start - DAY_MS;
        for (const fire of firesBetween(one, start, end, 1_000_000)) {
          shortest = Math.min(shortest, fire - last);
          last = fire;
        }
      }

      expect(shortest).toBeGreaterThanOrEqual(60_000);
    },
  );

  it('a clock that steps from fire to fire meets the same times', () => {
    const one = schedule('30 */3 * * *', timezone);
    const stepped: number[] = [];
    for (let now = from; ; ) {
      const [next = to] = nextFires(one, now, 1);
      if (next >= to) break;
      stepped.push(next);
      now = next;
    }

    expect(stepped).toEqual(firesBetween(one, from, to - 1, 100_000));
  });

  it.each(['0 0 * * *', '30 0 * * *', '30 1 * * *', '10 2 * * *', '30 2 * * *', '0 9 * * 1-5'])(
    'croner agrees on "%s" around clock changes',
    (expression) => {
      for (const [start, end] of changeWeeks(show, from, to)) {
        expect(firesBetween(schedule(expression, timezone), start, end, 1_000)).toEqual(
          cronerFires(expression, timezone, start, end),
        );
      }
    },
  );

  it.each(['*/15 * * * *', '0 * * * *', '45 * * * *'])(
    'croner agrees on the interval job "%s" around clock changes',
    (expression) => {
      for (const [start, end] of changeWeeks(show, from, to).slice(0, 4)) {
        expect(firesBetween(schedule(expression, timezone), start, end, 1_000)).toEqual(
          cronerFires(expression, timezone, start, end),
        );
      }
    },
  );

  it.each(['0 9 1,15 * 1', '0 0 29 2 *', '0 12 31 * *'])('croner agrees on "%s"', (expression) => {
    expect(firesBetween(schedule(expression, timezone), from, to, 10_000)).toEqual(
      cronerFires(expression, timezone, from, to),
    );
  });
});

describe('where we differ from croner', () => {
  it.each<[string, string, string, string, string[], string[]]>([
    [
      'it has no run for minutes of an hour that is skipped; we run once',
      '*/30 2 * * *',
      'America/New_York',
      '2026-03-08',
      ['07:00'],
      [],
    ],
    [
      'it takes several named hours for an interval: none in the gap',
      '30 2,14 * * *',
      'America/New_York',
      '2026-03-08',
      ['07:00', '18:30'],
      ['18:30'],
    ],
    [
      'and both passes of a repeated hour',
      '30 1,13 * * *',
      'America/New_York',
      '2026-11-01',
      ['05:30', '18:30'],
      ['05:30', '06:30', '18:30'],
    ],
  ])('%s', (_why, expression, timezone, day, ours, theirs) => {
    const from = Date.parse(`${day}T04:00Z`);
    const to = from + 23 * 3_600_000;

    expect(firesBetween(schedule(expression, timezone), from, to, 10).map(time)).toEqual(ours);
    expect(cronerFires(expression, timezone, from, to).map(time)).toEqual(theirs);
  });
});

describe('why cron-parser is only asked in UTC', () => {
  it('gives up on a daily job in Lord Howe', () => {
    const parser = cronParser('0 9 * * *', 'Australia/Lord_Howe', '2027-04-02T12:00Z');

    expect(() => [parser.next(), parser.next(), parser.next()]).toThrow('loop limit');
  });

  it.each<[string, string, string, string, string[], string[]]>([
    [
      'it misses the day of a half-hour gap',
      '10 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T00:00Z',
      ['2026-10-03T15:30', '2026-10-04T15:10'],
      ['2026-10-04T15:10', '2026-10-05T15:10'],
    ],
    [
      'it runs a skipped time as much later as the gap is long',
      '30 2 * * *',
      'America/New_York',
      '2026-03-07T12:00Z',
      ['2026-03-08T07:00', '2026-03-09T06:30'],
      ['2026-03-08T07:30', '2026-03-09T06:30'],
    ],
    [
      'it leaves out the second pass for minutes of a named hour',
      '*/30 1 * * *',
      'Europe/London',
      '2026-10-24T12:00Z',
      ['2026-10-25T00:00', '2026-10-25T00:30', '2026-10-25T01:00'],
      ['2026-10-25T00:00', '2026-10-25T00:30', '2026-10-26T01:00'],
    ],
  ])('%s', (_why, expression, timezone, after, ours, theirs) => {
    const minute = (instant: number) => new Date(instant).toISOString().slice(0, 16);
    const fires = nextFires(schedule(expression, timezone), Date.parse(after), ours.length);
    const parsed = cronParser(expression, timezone, after).take(theirs.length);

    expect(fires.map(minute)).toEqual(ours);
    expect(parsed.map((date) => minute(date.getTime()))).toEqual(theirs);
  });
});

function cronParser(expression: string, tz: string, currentDate: string) {
  return CronExpressionParser.parse(expression, { tz, currentDate: Date.parse(currentDate) });
}

function time(instant: number): string {
  return new Date(instant).toISOString().slice(11, 16);
}

/** Spans of a few days around each change of a clock, and around new years. */
function changeWeeks(show: (at: number) => number, from: number, to: number): [number, number][] {
  const weeks: [number, number][] = [];
  for (let at = from; at < to - 4 * DAY_MS; at += DAY_MS) {
    const changes = show(at) - at !== show(at + DAY_MS) - at - DAY_MS;
    const newYear = new Date(at).getUTCMonth() === 11 && new Date(at).getUTCDate() === 31;
    if (changes || newYear) weeks.push([at - 2 * DAY_MS, at + 3 * DAY_MS]);
  }
  return weeks;
}

function cronerFires(expression: string, timezone: string, from: number, to: number): number[] {
  const croner = new Croner(expression, { timezone, mode: '5-part' });
  const fires: number[] = [];
  for (let next = croner.nextRun(new Date(from)); next !== null; next = croner.nextRun(next)) {
    if (next.getTime() > to) break;
    fires.push(next.getTime());
  }
  return fires;
}
