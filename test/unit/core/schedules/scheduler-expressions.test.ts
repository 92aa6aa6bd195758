import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCron, toSchedulerExpressions } from '#core/schedules/schedules';
import { awsCronMatches } from '#test/helpers/aws-cron';
import { anyCron } from './any-cron.ts';

describe('toSchedulerExpressions', () => {
  it.each([
    ['0 9 * * *', ['cron(0 9 * * ? *)']],
    ['*/20 * * * *', ['cron(0,20,40 * * * ? *)']],
    ['0 9 * * 1-5', ['cron(0 9 ? * 2-6 *)']],
    ['0 9 * * 0', ['cron(0 9 ? * 1 *)']],
    ['0 9 * * 5-7', ['cron(0 9 ? * 1,6-7 *)']],
    ['0 9 1 JAN,MAR ?', ['cron(0 9 1 1,3 ? *)']],
    ['0 9 13 * 5', ['cron(0 9 13 * ? *)', 'cron(0 9 ? * 6 *)']],
    ['0 9 1-31 * 5', ['cron(0 9 * * ? *)']],
    ['0 9 31 2 5', ['cron(0 9 ? 2 6 *)']],
  ])('writes %j as %j', (expression, expected) => {
    expect(toSchedulerExpressions(parseCron(expression))).toEqual(expected);
  });

  it('names the same minutes as the unix expression', () => {
    const start = fc.integer({ min: Date.UTC(2026, 0) / 60_000, max: Date.UTC(2034, 0) / 60_000 });
    fc.assert(
      fc.property(anyCron, start, (made, startMinute) => {
        const expressions = toSchedulerExpressions(parseCron(made.expression));
        const matchers = expressions.map(awsCronMatches);

        for (const step of [1, 1_440, 24 * 61]) {
          for (let place = 0; place < 1_440; place += 1) {
            const minute = new Date((startMinute + place * step) * 60_000);
            if (matchers.some((matches) => matches(minute)) !== made.matches(minute)) {
              throw new Error(`${made.expression} differs at ${minute.toISOString()}`);
            }
          }
        }
        expect(Math.max(...expressions.map((text) => text.length))).toBeLessThanOrEqual(256);
      }),
      { numRuns: 300 },
    );
  });

  it('fits into 256 characters even where all fields are pairs', () => {
    const minutes = '0,2,4,6,8,10-11,13-59/3,14-59/3';
    const cron = parseCron(`${minutes} 0-23/3,1-23/3 1-31/3,2-31/3 1-12/3,2-12/3 *`);

    const [expression = ''] = toSchedulerExpressions(cron);

    expect(expression.length).toBeGreaterThan(230);
    expect(expression.length).toBeLessThanOrEqual(256);
  });
});
