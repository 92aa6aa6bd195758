import { describe, expect, it } from 'vitest';
import { parseCron, scheduleNotes } from '#core/schedules/schedules';

describe('scheduleNotes', () => {
  it.each<[string, string, string[]]>([
    [
      '30 1 * * *',
      'Europe/London',
      [
        'On 28 March 2027 the clocks skip 01:00–02:00 in London; this run happens at 02:00 that day.',
        'On 25 October 2026 the clocks show 01:00–02:00 twice in London; this runs only the first time.',
      ],
    ],
    [
      '*/15 1 * * *',
      'Europe/London',
      [
        'On 28 March 2027 the clocks skip 01:00–02:00 in London; the runs of that time happen once, at 02:00 that day.',
        'On 25 October 2026 the clocks show 01:00–02:00 twice in London; this runs both times.',
      ],
    ],
    [
      '0 * * * *',
      'Australia/Lord_Howe',
      ['On 4 October 2026 the clocks skip 02:00–02:30 in Lord Howe; there is no run in that time.'],
    ],
    [
      '30 23 * * *',
      'America/Nuuk',
      [
        'On 27 March 2027 the clocks skip 23:00–00:00 in Nuuk; this run happens at 00:00 on 28 March 2027.',
        'On 24 October 2026 the clocks show 23:00–00:00 twice in Nuuk; this runs only the first time.',
      ],
    ],
    ['0 9 * * *', 'Europe/London', []],
    ['30 1 * * 1-5', 'Europe/London', []],
    ['30 1 * * *', 'UTC', []],
    ['30 1 * * *', 'Asia/Kolkata', []],
    ['0 0 31 * *', 'UTC', ['In months without a 31st there is no run.']],
    ['0 0 31 1,3 *', 'UTC', []],
    ['0 0 31 * 1', 'UTC', []],
    ['0 0 29 2 *', 'UTC', ['Only leap years have this day; in others there is no run.']],
  ])('of %j in %s', (expression, timezone, notes) => {
    const schedule = { cron: parseCron(expression), timezone };

    expect(scheduleNotes(schedule, Date.parse('2026-10-01T00:00Z'))).toEqual(notes);
  });

  it('moves on to the next change when one is past', () => {
    const schedule = { cron: parseCron('30 1 * * *'), timezone: 'Europe/London' };

    const [first] = scheduleNotes(schedule, new Date('2027-03-28T01:00Z'));

    expect(first).toContain('On 26 March 2028');
  });
});
