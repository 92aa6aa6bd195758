import * as z from 'zod';
import { WorldEnv } from '#functions/world-env';

/** Environment of the `run-steps` function, checked when the function starts. */
export const RunStepsEnv = WorldEnv.extend({
  QUEUE_URL: z.string().min(1),
  /** Event bus on which the usage of runs is told; empty: it is not. */
  USAGE_BUS: z.string(),
  /** Where runs go that keep killing their worker. */
  DEAD_LETTER_QUEUE_URL: z.string().min(1),
  /** Base of the links in e-mails to approvers. */
  PUBLIC_URL: z.string().min(1),
});
export type RunStepsEnv = z.infer<typeof RunStepsEnv>;
