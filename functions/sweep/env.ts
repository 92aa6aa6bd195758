import * as z from 'zod';

/** Environment of the `sweep` function, checked when the function starts. */
export const SweepEnv = z.object({
  TABLE_NAME: z.string().min(1),
  QUEUE_URL: z.string().min(1),
  /** Group of the schedules in EventBridge Scheduler. */
  SCHEDULE_GROUP: z.string().min(1),
  /** Role with which EventBridge Scheduler sends to the run queue. */
  SCHEDULE_ROLE_ARN: z.string().min(1),
});
export type SweepEnv = z.infer<typeof SweepEnv>;
