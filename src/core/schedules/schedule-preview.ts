import * as z from 'zod';
import type { SchedulePreview } from '#core/api/triggers';
import { invalidRequest } from '#core/errors';
import {
  cronProblem,
  describeCron,
  nextFires,
  parseCron,
  scheduleNotes,
  timezoneProblem,
} from '#core/schedules/schedules';

/** The query of `GET /api/agents/schedule/preview`. */
export const SchedulePreviewQuery = z.strictObject({
  cron_expression: z
    .string()
    .describe('Five fields of unix cron: minute, hour, day of month, month, day of week.'),
  timezone: z.string().max(64).default('UTC').describe('IANA time zone.'),
  count: z.coerce
    .number('This must be a whole number from 1 to 50.')
    .int()
    .min(1)
    .max(50)
    .default(5)
    .describe('How many times to give.'),
  after: z.iso
    .datetime({ offset: true, error: 'Give a time such as 2027-01-31T09:00:00Z.' })
    .refine((time) => !(Date.parse(time) < 0), 'Give a time after the year 1969.')
    .optional()
    .describe('Give the times after this one. Default: now.'),
});

/**
 * When a schedule would run, in times and in words.
 *
 * @throws RequestError `invalid_request` for what can never run
 */
export function previewSchedule(
  query: z.infer<typeof SchedulePreviewQuery>,
  now: number,
): SchedulePreview {
  const { cron_expression, timezone, count } = query;
  const problems = [
    { path: 'timezone', message: timezoneProblem(timezone) },
    { path: 'cron_expression', message: cronProblem(cron_expression) },
  ].flatMap(({ path, message }) => (message === undefined ? [] : [{ path, message }]));
  if (problems.length > 0) throw invalidRequest(problems);
  const schedule = { cron: parseCron(cron_expression), timezone };
  const after = query.after === undefined ? now : Date.parse(query.after);
  return {
    fires: nextFires(schedule, after, count).map((at) => new Date(at).toISOString()),
    description: describeCron(schedule.cron, timezone),
    notes: scheduleNotes(schedule, after),
  };
}
