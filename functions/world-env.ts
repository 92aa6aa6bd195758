import * as z from 'zod';

/** What the functions that execute steps must have in their environment for it. */
export const WorldEnv = z.object({
  TABLE_NAME: z.string().min(1),
  BUCKET_NAME: z.string().min(1),
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
  /** Configuration set of Amazon SES by which bounces and complaints come back; empty: none. */
  MAIL_SET: z.string(),
  /** Where the API is reached by the product's own automations, without a slash at the end. */
  API_URL: z.string().min(1),
});
export type WorldEnv = z.infer<typeof WorldEnv>;
