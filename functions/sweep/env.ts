import * as z from 'zod';

/** Environment of the `sweep` function, checked when the function starts. */
export const SweepEnv = z.object({
  TABLE_NAME: z.string().min(1),
  QUEUE_URL: z.string().min(1),
});
export type SweepEnv = z.infer<typeof SweepEnv>;
