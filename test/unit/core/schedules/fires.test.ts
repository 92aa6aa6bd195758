import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firesBetween, nextFires, parseCron, previousFire } from '#core/schedules/schedules';
import { anyCron } from './any-cron.ts';
import { clockMinutes, firesByScan } from './wall-clock.ts';

const HOUR_MS = 3_600_000;

function schedule(expression: string, timezone = 'UTC') {
  return { cron: parseCron(expression), timezone };
}

function texts(instants: readonly number[]): string[] {
  return instants.map((instant) => new Date(instant).toISOString().replace(':00.000Z', 'Z'));
}

describe('nextFires', () => {
  it('gives the next nine in the morning for "0 9 * * *"', () => {
    const fires = nextFires(schedule('0 9 * * *'), new Date('2027-01-01T08:59:59.999Z'), 2);

    expect(texts(fires)).toEqual(['2027-01-01T09:00Z', '2027-01-02T09:00Z']);
  });

  it('is strictly after the instant', () => {
    const nine = Date.parse('2027-01-01T09:00Z');

    expect(nextFires(schedule('0 9 * * *'), nine, 1)).toEqual([nine + 24 * HOUR_MS]);
    expect(nextFires(schedule('0 9 * * *'), nine - 1, 1)).toEqual([nine]);
    expect(nextFires(schedule('0 9 * * *'), nine - 0.5, 1)).toEqual([nine]);
    expect(nextFires(schedule('0 9 * * *'), nine, 0)).toEqual([]);
  });

  it.each([
    ['in winter', '0 9 * * *', 'America/New_York', '2027-01-01T00:00Z', '2027-01-01T14:00Z'],
    ['in summer', '0 9 * * *', 'America/New_York', '2027-07-01T00:00Z', '2027-07-01T13:00Z'],
    ['odd offset', '0 9 * * *', 'Asia/Kolkata', '2027-01-01T00:00Z', '2027-01-01T03:30Z'],
    ['odder offset', '0 9 * * *', 'Asia/Kathmandu', '2027-01-01T00:00Z', '2027-01-01T03:15Z'],
    [
      'east of the line',
      '0 9 * * *',
      'Pacific/Kiritimati',
      '2027-01-01T00:00Z',
      '2027-01-01T19:00Z',
    ],
    ['weekday', '0 9 * * MON', 'Pacific/Auckland', '2027-01-01T00:00Z', '2027-01-03T20:00Z'],
    ['leap day', '0 0 29 2 *', 'Europe/London', '2096-03-01T00:00Z', '2104-02-29T00:00Z'],
  ])('reads the local clock: %s', (_what, expression, timezone, after, expected) => {
    expect(texts(nextFires(schedule(expression, timezone), Date.parse(after), 1))).toEqual([
      expected,
    ]);
  });

  it.each<[string, string, string, string, string[]]>([
    [
      'a time in the gap fires at the first instant after it',
      '30 2 * * *',
      'America/New_York',
      '2026-03-07T12:00Z',
      ['2026-03-08T07:00Z', '2026-03-09T06:30Z'],
    ],
    [
      'several times in the gap fire once',
      '*/20 2 * * *',
      'America/New_York',
      '2026-03-07T12:00Z',
      ['2026-03-08T07:00Z', '2026-03-09T06:00Z'],
    ],
    [
      'a time in the gap and the one at its end are one fire',
      '0 2,3 * * *',
      'America/New_York',
      '2026-03-07T12:00Z',
      ['2026-03-08T07:00Z', '2026-03-09T06:00Z'],
    ],
    [
      'every hour goes on as the hours come',
      '30 * * * *',
      'America/New_York',
      '2026-03-08T05:45Z',
      ['2026-03-08T06:30Z', '2026-03-08T07:30Z', '2026-03-08T08:30Z'],
    ],
    [
      'a repeated time fires the first time',
      '30 1 * * *',
      'Europe/London',
      '2026-10-24T12:00Z',
      ['2026-10-25T00:30Z', '2026-10-26T01:30Z'],
    ],
    [
      'a repeated time is over in the second pass',
      '30 1 * * *',
      'Europe/London',
      '2026-10-25T01:10Z',
      ['2026-10-26T01:30Z'],
    ],
    [
      'two named hours fire once each',
      '30 0,1 * * *',
      'Europe/London',
      '2026-10-24T12:00Z',
      ['2026-10-24T23:30Z', '2026-10-25T00:30Z', '2026-10-26T00:30Z'],
    ],
    [
      'every hour fires in both passes',
      '30 * * * *',
      'Europe/London',
      '2026-10-25T00:00Z',
      ['2026-10-25T00:30Z', '2026-10-25T01:30Z', '2026-10-25T02:30Z'],
    ],
    [
      'several minutes of an hour fire in both passes',
      '*/30 1 * * *',
      'Europe/London',
      '2026-10-24T12:00Z',
      ['2026-10-25T00:00Z', '2026-10-25T00:30Z', '2026-10-25T01:00Z', '2026-10-25T01:30Z'],
    ],
    [
      'a gap of half an hour',
      '10 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T00:00Z',
      ['2026-10-03T15:30Z', '2026-10-04T15:10Z'],
    ],
    [
      'half an hour repeated, for a named hour',
      '45 1 * * *',
      'Australia/Lord_Howe',
      '2027-04-03T00:00Z',
      ['2027-04-03T14:45Z', '2027-04-04T15:15Z'],
    ],
    [
      'half an hour repeated, for every hour',
      '45 * * * *',
      'Australia/Lord_Howe',
      '2027-04-03T14:00Z',
      ['2027-04-03T14:45Z', '2027-04-03T15:15Z', '2027-04-03T16:15Z'],
    ],
    [
      'where cron-parser gives up',
      '0 9 * * *',
      'Australia/Lord_Howe',
      '2027-04-02T12:00Z',
      ['2027-04-02T22:00Z', '2027-04-03T22:30Z', '2027-04-04T22:30Z'],
    ],
    [
      'a day that does not exist has no fire',
      '0 9 * * *',
      'Pacific/Apia',
      '2011-12-29T00:00Z',
      ['2011-12-29T19:00Z', '2011-12-30T19:00Z'],
    ],
    [
      'nor has its midnight',
      '0 0 30 12 *',
      'Pacific/Apia',
      '2011-12-29T00:00Z',
      ['2012-12-29T10:00Z'],
    ],
    [
      'midnight in the gap',
      '0 0 * * *',
      'America/Santiago',
      '2026-09-05T12:00Z',
      ['2026-09-06T04:00Z', '2026-09-07T03:00Z'],
    ],
    [
      'midnight repeated',
      '0 0 * * *',
      'America/Havana',
      '2026-10-31T12:00Z',
      ['2026-11-01T04:00Z', '2026-11-02T05:00Z'],
    ],
  ])('%s', (_rule, expression, timezone, after, expected) => {
    const fires = nextFires(schedule(expression, timezone), Date.parse(after), expected.length);

    expect(texts(fires)).toEqual(expected);
  });

  it('takes well under a millisecond', () => {
    const daily = schedule('0 9 * * *', 'Europe/London');
    nextFires(daily, Date.UTC(2027, 0), 1);
    const start = performance.now();

    for (let day = 0; day < 300; day += 1) nextFires(daily, Date.UTC(2027, 0, day), 1);

    expect((performance.now() - start) / 300).toBeLessThan(1);
  });

  it('comes to an end near the year 9999', () => {
    expect(nextFires(schedule('0 9 * * *'), Date.UTC(9998, 11, 30), 5)).toHaveLength(2);
    expect(nextFires(schedule('0 9 * * *'), Number.NaN, 5)).toEqual([]);
  });
});

describe('firesBetween', () => {
  it('leaves out the start, takes in the end, and stops at the limit', () => {
    const hourly = schedule('0 * * * *');
    const from = Date.parse('2027-01-01T00:00Z');
    const times = (count: number) =>
      Array.from({ length: count }, (_, place) => from + (place + 1) * HOUR_MS);

    expect(firesBetween(hourly, from, from + 3 * HOUR_MS, 10)).toEqual(times(3));
    expect(firesBetween(hourly, from, from + 3 * HOUR_MS - 1, 10)).toEqual(times(2));
    expect(firesBetween(hourly, from, from + 30 * HOUR_MS, 4)).toEqual(times(4));
    expect(firesBetween(hourly, from, from, 4)).toEqual([]);
    expect(firesBetween(hourly, from, from - 1, 4)).toEqual([]);
    expect(firesBetween(hourly, from, from + HOUR_MS, 0)).toEqual([]);
  });

  it('misses nothing when the machine is down for an hour across a fire time', () => {
    const daily = schedule('30 1 * * *', 'Europe/London');
    const down = Date.parse('2026-03-29T00:30Z');

    expect(texts(firesBetween(daily, down, down + HOUR_MS, 10))).toEqual(['2026-03-29T01:00Z']);
  });
});

describe('previousFire', () => {
  it.each([
    ['0 9 * * *', 'UTC', '2027-01-01T09:00Z', '2027-01-01T09:00Z'],
    ['0 9 * * *', 'UTC', '2027-01-01T08:59Z', '2026-12-31T09:00Z'],
    ['30 1 * * *', 'Europe/London', '2026-03-29T01:00Z', '2026-03-29T01:00Z'],
    ['30 1 * * *', 'Europe/London', '2026-03-29T00:59Z', '2026-03-28T01:30Z'],
    ['30 1 * * *', 'Europe/London', '2026-10-25T01:45Z', '2026-10-25T00:30Z'],
    ['30 * * * *', 'Europe/London', '2026-10-25T01:45Z', '2026-10-25T01:30Z'],
    ['0 0 29 2 *', 'Europe/London', '2104-02-28T00:00Z', '2096-02-29T00:00Z'],
    ['0 9 30 12 *', 'Pacific/Apia', '2012-06-01T00:00Z', '2010-12-30T19:00Z'],
  ])('of %j in %s at %s is %s', (expression, timezone, at, expected) => {
    const fire = previousFire(schedule(expression, timezone), Date.parse(at));

    expect(texts([fire ?? 0])).toEqual([expected]);
  });
});

describe.each([
  ['America/New_York', '2026-03-08'],
  ['America/New_York', '2026-11-01'],
  ['Europe/London', '2026-03-29'],
  ['Europe/London', '2026-10-25'],
  ['Australia/Lord_Howe', '2026-10-04'],
  ['Australia/Lord_Howe', '2027-04-04'],
  ['Pacific/Apia', '2011-12-30'],
  ['Pacific/Apia', '2012-04-01'],
  ['America/Santiago', '2026-09-06'],
  ['America/Havana', '2026-11-01'],
  ['America/Nuuk', '2026-03-29'],
  ['America/St_Johns', '2010-11-07'],
  ['Africa/Casablanca', '2026-02-15'],
  ['Asia/Kathmandu', '1986-01-01'],
  ['Asia/Kolkata', '2026-01-01'],
  ['UTC', '2028-02-29'],
])('in %s around %s', (timezone, day) => {
  const from = Date.parse(`${day}T00:00Z`) - 36 * HOUR_MS;
  const to = from + 84 * HOUR_MS;
  const minutes = clockMinutes(timezone, from, to);

  it('every cron fires as a scan of each minute does, forward and backward', () => {
    fc.assert(
      fc.property(anyCron, fc.integer({ min: 0, max: 83 }), (made, hour) => {
        const expected = firesByScan(made, minutes);
        const one = schedule(made.expression, timezone);
        const middle = from + hour * HOUR_MS;

        // The scan cannot know what was shown before it starts: the first two hours are left out.
        const start = from + 2 * HOUR_MS;
        const known = expected.filter((fire) => fire > start);
        expect(firesBetween(one, start, to - 1, 10_000)).toEqual(known);
        expect(nextFires(one, middle, 1)[0]).toBeGreaterThan(middle);
        const previous = known.findLast((fire) => fire <= middle);
        if (previous !== undefined) expect(previousFire(one, middle)).toBe(previous);
      }),
      { numRuns: 40 },
    );
  });
});
