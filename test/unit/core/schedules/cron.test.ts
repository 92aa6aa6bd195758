import { CronExpressionParser } from 'cron-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cronProblem, nextFires, parseCron, ScheduleError } from '#core/schedules/schedules';
import { anyCron } from './any-cron.ts';

const all = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, place) => first + place);

describe('parseCron', () => {
  it.each([
    ['0 9 * * *', { minutes: [0], hours: [9] }],
    ['*/15 * * * *', { minutes: [0, 15, 30, 45], hours: all(0, 23) }],
    ['50-59/3,1,1 * * * *', { minutes: [1, 50, 53, 56, 59] }],
    ['5-59/15 * * * *', { minutes: [5, 20, 35, 50] }],
    ['*/60 */24 * * *', { minutes: [0], hours: [0] }],
    ['* * * jan-MAR,Dec *', { months: [1, 2, 3, 12] }],
    ['* * * * sun,7', { daysOfWeek: [0] }],
    ['* * * * 5-7', { daysOfWeek: [0, 5, 6] }],
    ['* * * * FRI-SUN', { daysOfWeek: [0, 5, 6] }],
    ['* * * * SUN-TUE', { daysOfWeek: [0, 1, 2] }],
    ['* * ? * ?', { daysOfMonth: all(1, 31), daysOfWeek: all(0, 6) }],
    ['* * */2 * *', { daysOfMonth: all(1, 31).filter((day) => day % 2 === 1) }],
    ['  00\t09  *  *   * ', { minutes: [0], hours: [9] }],
  ])('reads %j', (expression, sets) => {
    expect(parseCron(expression)).toMatchObject(sets);
  });

  it.each([
    ['', 'five fields (minute, hour, day of month, month, day of week)'],
    ['   ', 'this one has 0'],
    ['* * * *', 'this one has 4'],
    ['0 0 9 * * *', 'this one has 6. Leave out seconds and years'],
    ['@daily', 'Write "0 0 * * *" in place of "@daily".'],
    ['TZ=Europe/London 0 9 * * *', 'into the field "timezone"'],
    ['5/15 * * * *', 'minute field: "5/15" has a step but no range; write 5-59/15'],
    ['*/0 * * * *', 'a step of 0 never moves on'],
    ['*/61 * * * *', 'a step of 61 is longer than the range itself (0-59)'],
    ['0 0 1-31/40 * *', 'use at most 31, or write 1 alone'],
    ['*/x * * * *', 'write */2 or 0-59/2'],
    ['60 * * * *', 'minute field: 60 is out of range; use 0-59.'],
    ['0 24 * * *', 'hour field: 24 is out of range; use 0-23.'],
    ['0 0 0 * *', 'day of month field: 0 is out of range; use 1-31.'],
    ['0 0 * 13 *', 'month field: 13 is out of range; use 1-12 or JAN-DEC.'],
    ['0 0 * * 8', 'day of week field: 8 is out of range; use 0-7 or SUN-SAT.'],
    ['0 0 * * Monday', '"Monday" is no value'],
    ['0 0 L * *', 'L, W and # are not unix cron'],
    ['0 0 15W * *', 'L, W and # are not unix cron'],
    ['0 0 * * 5#2', 'L, W and # are not unix cron'],
    ['0 0 * * 5L', 'L, W and # are not unix cron'],
    ['? * * * *', '"?" can only stand alone, in the two day fields'],
    ['0 0 ?/2 * *', '"?" can only stand alone'],
    ['0 22-6 * * *', 'the range "22-6" ends before it starts; write 22-23,0-6.'],
    ['0 0 * * 7-2', 'the range "7-2" ends before it starts; write 0-2.'],
    ['0 0 * * 7/2', 'write 0-6/2 to go on'],
    ['1,,2 * * * *', 'a value is missing beside a comma'],
    ['1-2-3 * * * *', '"1-2-3" cannot be read'],
    ['*/2/2 * * * *', '"*/2/2" cannot be read'],
    ['-1 * * * *', 'a number is missing'],
    ['1.5 * * * *', '"1.5" is no value'],
    ['+1 * * * *', '"+1" is no value'],
    ['0x1 * * * *', '"0x1" is no value'],
    ['١ * * * *', '"١" is no value'],
    ['0 9 * *\n*', 'this one has 4'],
    ['0 0 */2 * 1', 'write the step on a range, as in 1-31/2'],
    ['0 0 1 * */2', 'write the step on a range'],
    ['0 0 31 2 *', 'can never fire'],
    ['0 0 30,31 2 ?', 'can never fire'],
    ['0 0 31 4,6,9,11 *', 'can never fire'],
    [`0 0 ${'1,'.repeat(125)}1 * *`, 'at most 256 characters'],
  ])('refuses %j and says what to change', (expression, message) => {
    expect(cronProblem(expression)).toContain(message);
    expect(() => parseCron(expression)).toThrow(ScheduleError);
  });

  it.each([
    ['0 0 13 * 5', 'either day will do', ['2026-02-06', '2026-02-13', '2026-02-20']],
    ['0 0 1-31 * 5', 'every day of the month is one of them', ['2026-02-02', '2026-02-03']],
    ['0 0 1 * 0-6', 'every weekday is one of them', ['2026-02-02', '2026-02-03']],
    ['0 0 * * 5', 'a star restricts nothing', ['2026-02-06', '2026-02-13']],
    ['0 0 31 2 1', 'a day that never comes leaves the weekday', ['2026-02-02', '2026-02-09']],
    ['0 0 29 2 *', 'leap years only', ['2028-02-29', '2032-02-29']],
  ])('reads the day fields of %j as unix cron does: %s', (expression, _why, expected) => {
    const schedule = { cron: parseCron(expression), timezone: 'UTC' };

    const fires = nextFires(schedule, Date.UTC(2026, 1, 1, 12), expected.length);

    expect(fires.map((fire) => new Date(fire).toISOString().slice(0, 10))).toEqual(expected);
  });

  it('names the same times as a scan of every minute', () => {
    const start = fc.integer({ min: Date.UTC(2026, 0) / 60_000, max: Date.UTC(2030, 0) / 60_000 });
    fc.assert(
      fc.property(anyCron, start, (made, startMinute) => {
        const minutes = Array.from({ length: 2_880 }, (_, place) => (startMinute + place) * 60_000);
        const expected = minutes.filter((minute) => made.matches(new Date(minute)));
        const schedule = { cron: parseCron(made.expression), timezone: 'UTC' };

        const fires = nextFires(schedule, startMinute * 60_000 - 1, expected.length + 1);

        expect(fires.slice(0, -1)).toEqual(expected);
        expect(fires.at(-1)).toBeGreaterThanOrEqual((startMinute + 2_880) * 60_000);
      }),
      { numRuns: 200 },
    );
  });

  it('names the same times as cron-parser in UTC', () => {
    // cron-parser takes a list that repeats a value, and days that a lone month lacks, for mistakes.
    const plain = anyCron.filter(({ expression }) => /^(?:[^,]+ ){3}\* [^,]+$/.test(expression));
    fc.assert(
      fc.property(plain, ({ expression }) => {
        const after = Date.UTC(2027, 4, 17, 3, 4, 5);
        const other = CronExpressionParser.parse(expression, { currentDate: after, tz: 'UTC' });
        const expected = other.take(4).map((date) => date.getTime());

        expect(nextFires({ cron: parseCron(expression), timezone: 'UTC' }, after, 4)).toEqual(
          expected,
        );
      }),
      { numRuns: 100 },
    );
  });

  it('takes little time on hostile input', () => {
    const hostile = [
      '*'.repeat(1_000_000),
      '1,'.repeat(500_000),
      ' '.repeat(1_000_000),
      `${'0'.repeat(250)} * * *`,
      `${'*/'.repeat(120)} * * * *`,
      `${'1-'.repeat(120)} * * * *`,
      `${'0-59,'.repeat(48)}1 * * * *`,
      '\u0000\uffff\ud800 * * * *',
      `${'W'.repeat(240)} * * * *`,
    ];
    const start = performance.now();

    for (const expression of hostile) cronProblem(expression);

    expect(performance.now() - start).toBeLessThan(200);
  });

  it('reads or refuses any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        expect(['string', 'undefined']).toContain(typeof cronProblem(text));
      }),
    );
  });
});
