import * as z from 'zod';

/** Environment of the `api` function, checked when the function starts. */
export const ApiEnv = z.object({
  TABLE_NAME: z.string().min(1),
  QUEUE_URL: z.string().min(1),
  /** Where runs go that were given up. */
  DEAD_LETTER_QUEUE_URL: z.string().min(1),
  /** Group of the schedules in EventBridge Scheduler. */
  SCHEDULE_GROUP: z.string().min(1),
  /** Role with which EventBridge Scheduler sends to the run queue. */
  SCHEDULE_ROLE_ARN: z.string().min(1),
  /** KMS key under which secrets are kept. */
  SECRETS_KEY_ID: z.string().min(1),
  BUCKET_NAME: z.string().min(1),
  /** Base of webhook links, without a trailing slash. */
  PUBLIC_URL: z.string().min(1),
  /** Another OIDC issuer than Cognito; empty means Cognito. */
  OIDC_ISSUER: z.string(),
  OIDC_AUDIENCE: z.string(),
  /** The issuer's JWKS document itself; empty means that it is fetched from the issuer. */
  OIDC_JWKS: z.string(),
  COGNITO_USER_POOL_ID: z.string().min(1),
  COGNITO_CLIENT_ID: z.string().min(1),
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
  /** Where the API is reached by the product's own automations, without a slash at the end. */
  API_URL: z.string().min(1),
});
export type ApiEnv = z.infer<typeof ApiEnv>;
