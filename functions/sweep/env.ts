import * as z from 'zod';

/** Environment of the `sweep` function, checked when the function starts. */
export const SweepEnv = z.object({
  TABLE_NAME: z.string().min(1),
  QUEUE_URL: z.string().min(1),
  /** Event bus on which the usage of runs is told. */
  USAGE_BUS: z.string().min(1),
  /** Group of the schedules in EventBridge Scheduler. */
  SCHEDULE_GROUP: z.string().min(1),
  /** Role with which EventBridge Scheduler sends to the run queue. */
  SCHEDULE_ROLE_ARN: z.string().min(1),
  /** KMS key under which secrets are kept. */
  SECRETS_KEY_ID: z.string().min(1),
  /** Private addresses that outgoing messages may reach; empty means none. */
  EGRESS_ALLOW: z.string(),
  /** Address that e-mail is sent from; empty where it is not set up. */
  MAIL_FROM: z.string(),
  /** Configuration set by which bounces and complaints come back; empty: they do not. */
  MAIL_SET: z.string(),
  /** Base of the links in what is sent. */
  PUBLIC_URL: z.string().min(1),
});
export type SweepEnv = z.infer<typeof SweepEnv>;
