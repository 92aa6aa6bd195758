import * as z from 'zod';

/** Environment of the `dispatch` function, checked when the function starts. */
export const DispatchEnv = z.object({
  TABLE_NAME: z.string().min(1),
  QUEUE_URL: z.string().min(1),
  /** Event bus on which the usage of runs is told; empty: it is not. */
  USAGE_BUS: z.string(),
  BUCKET_NAME: z.string().min(1),
  /** Where runs go that keep killing their worker. */
  DEAD_LETTER_QUEUE_URL: z.string().min(1),
  /** KMS key under which secrets are kept. */
  SECRETS_KEY_ID: z.string().min(1),
  /** Private addresses that outgoing actions may reach; empty means none. */
  EGRESS_ALLOW: z.string(),
  /** The deployment's own language model in Amazon Bedrock, and its profile; empty: none. */
  MODEL_ID: z.string(),
  MODEL_PROFILE: z.string(),
  /** The deployment's own language model behind an OpenAI-compatible endpoint; empty: none. */
  MODEL_URL: z.string(),
  MODEL_NAME: z.string(),
  /** Address that e-mail is sent from; empty where it is not set up. */
  MAIL_FROM: z.string(),
  /** Configuration set by which bounces and complaints come back; empty: none. */
  MAIL_SET: z.string(),
  /** The state machine that carries runs of several steps. */
  STATE_MACHINE_ARN: z.string().min(1),
  /** When they enter it: with their first step, or once they must wait. */
  ENTER_STEP_FUNCTIONS: z.enum(['always', 'waits-only']),
  /** Where the API is reached by the product's own automations, without a slash at the end. */
  API_URL: z.string().min(1),
});
export type DispatchEnv = z.infer<typeof DispatchEnv>;
