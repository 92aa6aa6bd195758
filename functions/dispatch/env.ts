import * as z from 'zod';
import { WorldEnv } from '#functions/world-env';

/** Environment of the `dispatch` function, checked when the function starts. */
export const DispatchEnv = WorldEnv.extend({
  QUEUE_URL: z.string().min(1),
  /** Event bus on which the usage of runs is told; empty: it is not. */
  USAGE_BUS: z.string(),
  /** Where runs go that keep killing their worker. */
  DEAD_LETTER_QUEUE_URL: z.string().min(1),
  /** The state machine that carries runs of several steps. */
  STATE_MACHINE_ARN: z.string().min(1),
  /** When they enter it: with their first step, or once they must wait. */
  ENTER_STEP_FUNCTIONS: z.enum(['always', 'waits-only']),
});
export type DispatchEnv = z.infer<typeof DispatchEnv>;
