import * as z from 'zod';
import { Moment, pageOf } from '#core/api/shared';

/** When a schedule would run. */
export const SchedulePreview = z.strictObject({
  fires: z.array(Moment).describe('The next times, earliest first.'),
  description: z.string().describe('The schedule in words.'),
  notes: z.array(z.string()).describe('What changes of the clocks do to it within a year.'),
});
export type SchedulePreview = z.infer<typeof SchedulePreview>;

/** Webhook calls that led to no run. */
export const DeliveryList = pageOf(
  z.strictObject({
    at: Moment,
    status: z.int().describe('The HTTP status that it was answered with.'),
    reason: z.string().describe('Why it was refused.'),
    count: z.int().describe('How many calls this entry stands for.'),
  }),
);
