import * as z from 'zod';
import { WorldEnv } from '#functions/world-env';

/** Environment of the `api` function, checked when the function starts. */
export const ApiEnv = WorldEnv.extend({
  QUEUE_URL: z.string().min(1),
  /** Where runs go that were given up. */
  DEAD_LETTER_QUEUE_URL: z.string().min(1),
  /** Group of the schedules in EventBridge Scheduler. */
  SCHEDULE_GROUP: z.string().min(1),
  /** Role with which EventBridge Scheduler sends to the run queue. */
  SCHEDULE_ROLE_ARN: z.string().min(1),
  /** Base of webhook links, without a trailing slash. */
  PUBLIC_URL: z.string().min(1),
  /** Another OIDC issuer than Cognito; empty means Cognito. */
  OIDC_ISSUER: z.string(),
  OIDC_AUDIENCE: z.string(),
  /** The issuer's JWKS document itself; empty means that it is fetched from the issuer. */
  OIDC_JWKS: z.string(),
  COGNITO_USER_POOL_ID: z.string().min(1),
  COGNITO_CLIENT_ID: z.string().min(1),
  /** The state machine that carries runs of several steps. */
  STATE_MACHINE_ARN: z.string().min(1),
});
export type ApiEnv = z.infer<typeof ApiEnv>;
