import { describe, expect, it } from 'vitest';
import { describeCron, parseCron } from '#core/schedules/schedules';

describe('describeCron', () => {
  it.each([
    ['0 9 * * *', 'every day at 09:00, London time'],
    ['0 9,17 * * *', 'every day at 09:00 and 17:00, London time'],
    ['*/20 1,5 * * *', 'every day at 01:00, 01:20, 01:40, 05:00, 05:20 and 05:40, London time'],
    ['* * * * *', 'every minute'],
    ['*/15 * * * *', 'every 15 minutes'],
    ['*/45 * * * *', 'at 0 and 45 minutes past every hour'],
    ['0 * * * *', 'every hour, on the hour'],
    ['1 * * * *', 'at 1 minute past every hour'],
    ['0-10,30 * * * *', 'at 0 to 10 and 30 minutes past every hour'],
    ['0 */2 * * *', 'every 2 hours from 00:00 to 22:00, London time'],
    ['30 9-17 * * *', 'every hour from 09:30 to 17:30, London time'],
    [
      '*/15 9-17 * * 1-5',
      'every 15 minutes from 09:00 to 17:45 on weekdays (Monday to Friday), London time',
    ],
    ['5,20 9-17 * * *', 'at 5 and 20 minutes past every hour from 09:05 to 17:20, London time'],
    ['*/10 1,5,9 * * *', 'every 10 minutes in the hours 01:00, 05:00 and 09:00, London time'],
    ['5,20,50 1,5,9 * * *', 'at 5, 20 and 50 minutes past 01:00, 05:00 and 09:00, London time'],
    ['*/15 * 1 * *', 'every 15 minutes on the 1st of every month, London time'],
    ['*/15 * * 6 *', 'every 15 minutes in June, London time'],
    ['0 9 * 6,7 *', 'at 09:00 every day in June and July, London time'],
    ['0 9 * * 1-5', 'at 09:00 on weekdays (Monday to Friday), London time'],
    ['0 9 * * SAT,SUN', 'at 09:00 on weekends (Saturday and Sunday), London time'],
    ['0 9 * * 0', 'at 09:00 every Sunday, London time'],
    ['0 9 * * 2,4-7', 'at 09:00 on Tuesday and Thursday to Sunday, London time'],
    ['0 9 1 * *', 'at 09:00 on the 1st of every month, London time'],
    ['0 9 1-3,12,22 * *', 'at 09:00 on the 1st to 3rd, 12th and 22nd of every month, London time'],
    ['0 0 25 12 *', 'at 00:00 on the 25th of December, London time'],
    ['0 9 13 * 5', 'at 09:00 on the 13th of every month, and also every Friday, London time'],
    ['0 9 * 1-3,12 1', 'at 09:00 every Monday in January to March and December, London time'],
  ])('says what %j means', (expression, words) => {
    expect(describeCron(parseCron(expression), 'Europe/London')).toBe(words);
  });

  it.each([
    ['UTC', 'UTC'],
    ['Etc/UTC', 'UTC'],
    ['Etc/GMT+5', 'Etc/GMT+5'],
    ['EST5EDT', 'EST5EDT'],
    ['America/New_York', 'New York time'],
    ['America/Argentina/Buenos_Aires', 'Buenos Aires time'],
  ])('calls %s "%s"', (timezone, words) => {
    expect(describeCron(parseCron('0 9 * * *'), timezone)).toBe(`every day at 09:00, ${words}`);
  });
});
