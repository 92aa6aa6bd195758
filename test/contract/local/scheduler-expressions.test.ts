import { describe, expect, it } from 'vitest';
import { parseExpression } from '#local/services/scheduler/expression';
import { findZone } from '#local/services/scheduler/zone';

/** The first times after an instant, as ISO text without milliseconds. */
function times(expression: string, timeZone: string, after: string, count: number): string[] {
  const zone = findZone(timeZone);
  const parsed = zone && parseExpression(expression, zone);
  const found: string[] = [];
  let last: number | undefined = Date.parse(after);
  while (parsed && found.length < count) {
    last = parsed.next(last, Date.parse(after) + 1_000);
    if (last === undefined) break;
    found.push(new Date(last).toISOString().replace('.000Z', 'Z'));
  }
  return found;
}

describe('cron', () => {
  it.each([
    // AWS's own examples, and what is special about its fields.
    ['cron(0 10 * * ? *)', ['2026-11-22T10:00:00Z', '2026-11-23T10:00:00Z']],
    ['cron(15 12 * * ? *)', ['2026-11-22T12:15:00Z', '2026-11-23T12:15:00Z']],
    ['cron(0 18 ? * MON-FRI *)', ['2026-11-23T18:00:00Z', '2026-11-24T18:00:00Z']],
    ['cron(0 8 1 * ? *)', ['2026-12-01T08:00:00Z', '2027-01-01T08:00:00Z']],
    ['cron(0/10 * ? * MON-FRI *)', ['2026-11-23T00:00:00Z', '2026-11-23T00:10:00Z']],
    ['cron(0/5 8-17 ? * MON-FRI *)', ['2026-11-23T08:00:00Z', '2026-11-23T08:05:00Z']],
    ['cron(30 0/2 * * ? *)', ['2026-11-22T00:30:00Z', '2026-11-22T02:30:00Z']],
    ['cron(5-15/5 3 * * ? *)', ['2026-11-22T03:05:00Z', '2026-11-22T03:10:00Z']],
    ['cron(0 9 ? * 1 *)', ['2026-11-22T09:00:00Z', '2026-11-29T09:00:00Z']],
    ['cron(0 9 ? * 2,sat *)', ['2026-11-23T09:00:00Z', '2026-11-28T09:00:00Z']],
    ['cron(0 9 L * ? *)', ['2026-11-30T09:00:00Z', '2026-12-31T09:00:00Z']],
    ['cron(0 9 L FEB ? *)', ['2027-02-28T09:00:00Z', '2028-02-29T09:00:00Z']],
    ['cron(0 9 ? * L *)', ['2026-11-28T09:00:00Z', '2026-12-05T09:00:00Z']],
    ['cron(0 9 ? * 6L *)', ['2026-11-27T09:00:00Z', '2026-12-25T09:00:00Z']],
    ['cron(0 9 ? * 3#2 *)', ['2026-12-08T09:00:00Z', '2027-01-12T09:00:00Z']],
    ['cron(0 9 ? * FRI#5 *)', ['2027-01-29T09:00:00Z', '2027-04-30T09:00:00Z']],
    // 1 November and 15 November 2026 are Sundays, 1 and 15 August Saturday, 31 January 2027 Sunday.
    ['cron(0 9 15W * ? *)', ['2026-12-15T09:00:00Z', '2027-01-15T09:00:00Z']],
    ['cron(0 9 1W MAY ? *)', ['2027-05-03T09:00:00Z', '2028-05-01T09:00:00Z']],
    ['cron(0 9 31W JAN ? *)', ['2027-01-29T09:00:00Z', '2028-01-31T09:00:00Z']],
    ['cron(0 9 29 2 ? *)', ['2028-02-29T09:00:00Z', '2032-02-29T09:00:00Z']],
    ['cron(0 9 * 12/2 ? 2027-2028)', ['2027-12-01T09:00:00Z', '2027-12-02T09:00:00Z']],
    ['cron(59 23 31 12 ? 2199)', ['2199-12-31T23:59:00Z']],
    ['cron(0 0 1 1 ? 2020)', []],
    ['cron(0 0 30 2 ? *)', []],
  ])('%s runs at its times', (expression, expected) => {
    expect(times(expression, 'UTC', '2026-11-22T00:00:00Z', 2)).toEqual(expected);
  });

  it.each([
    ['both days', 'cron(0 9 * * * *)'],
    ['neither day', 'cron(0 9 ? * ? *)'],
    ['five fields', 'cron(0 9 * * ?)'],
    ['minute 60', 'cron(60 9 * * ? *)'],
    ['day of the week 0', 'cron(0 9 ? * 0 *)'],
    ['a sixth Monday', 'cron(0 9 ? * 2#6 *)'],
    ['a step of nothing', 'cron(*/0 * * * ? *)'],
    ['a step over the end', 'cron(*/60 * * * ? *)'],
    ['a range backwards', 'cron(30-10 9 * * ? *)'],
    ['a name of another field', 'cron(0 9 ? * JAN *)'],
    ['a year before 1970', 'cron(0 9 * * ? 1969)'],
    ['? elsewhere', 'cron(? 9 * * ? *)'],
    ['rate 0', 'rate(0 minutes)'],
    ['rate in seconds', 'rate(10 seconds)'],
    ['a date that there is not', 'at(2027-02-30T09:00:00)'],
    ['a date with its zone', 'at(2027-02-20T09:00:00Z)'],
    ['another form', 'every(1 day)'],
  ])('%s is refused', (_, expression) => {
    const utc = findZone('UTC');
    expect(utc && parseExpression(expression, utc)).toBeUndefined();
  });
});

describe("EventBridge's rules for changes of clocks", () => {
  it.each([
    {
      rule: 'leaves out a time that New York leaves out',
      expression: 'cron(30 2 * * ? *)',
      zone: 'America/New_York',
      after: '2027-03-13T12:00:00Z',
      expected: ['2027-03-15T06:30:00Z', '2027-03-16T06:30:00Z'],
    },
    {
      rule: 'leaves out a time that London leaves out',
      expression: 'cron(30 1 * * ? *)',
      zone: 'Europe/London',
      after: '2027-03-27T12:00:00Z',
      expected: ['2027-03-29T00:30:00Z', '2027-03-30T00:30:00Z'],
    },
    {
      rule: 'runs once at a time that New York shows twice',
      expression: 'cron(30 1 * * ? *)',
      zone: 'America/New_York',
      after: '2027-11-06T12:00:00Z',
      expected: ['2027-11-07T05:30:00Z', '2027-11-08T06:30:00Z'],
    },
    {
      rule: 'runs once at a time that London shows twice',
      expression: 'cron(30 1 * * ? *)',
      zone: 'Europe/London',
      after: '2027-10-30T12:00:00Z',
      expected: ['2027-10-31T00:30:00Z', '2027-11-01T01:30:00Z'],
    },
    {
      rule: 'does not run through the second pass of an hour',
      expression: 'cron(0/30 * * * ? *)',
      zone: 'America/New_York',
      after: '2027-11-07T04:59:59Z',
      expected: ['2027-11-07T05:00:00Z', '2027-11-07T05:30:00Z', '2027-11-07T07:00:00Z'],
    },
    {
      rule: 'goes on after a start within the second pass',
      expression: 'cron(0/30 * * * ? *)',
      zone: 'America/New_York',
      after: '2027-11-07T06:10:00Z',
      expected: ['2027-11-07T07:00:00Z', '2027-11-07T07:30:00Z'],
    },
    {
      rule: 'keeps the hour of the zone the day after',
      expression: 'cron(0 9 ? * MON *)',
      zone: 'Europe/London',
      after: '2027-03-22T12:00:00Z',
      expected: ['2027-03-29T08:00:00Z', '2027-04-05T08:00:00Z'],
    },
    {
      rule: 'counts a rate in time that passes',
      expression: 'rate(1 day)',
      zone: 'America/New_York',
      after: '2027-03-13T12:00:00Z',
      expected: ['2027-03-13T12:00:01Z', '2027-03-14T12:00:01Z', '2027-03-15T12:00:01Z'],
    },
    {
      rule: 'never runs once at a time that is left out',
      expression: 'at(2027-03-14T02:30:00)',
      zone: 'America/New_York',
      after: '2027-03-13T12:00:00Z',
      expected: [],
    },
    {
      rule: 'knows zones with half an hour, and half an hour of change',
      expression: 'cron(45 1 * * ? *)',
      zone: 'Australia/Lord_Howe',
      after: '2027-04-02T12:00:00Z',
      expected: ['2027-04-02T14:45:00Z', '2027-04-03T14:45:00Z', '2027-04-04T15:15:00Z'],
    },
  ])('$rule', ({ expression, zone, after, expected }) => {
    const count = Math.max(expected.length, 1);
    expect(times(expression, zone, after, count)).toEqual(expected);
  });
});

it.each(['Mars/Olympus', '+05:30', ''])('there is no time zone "%s"', (name) => {
  expect(findZone(name)).toBeUndefined();
});
