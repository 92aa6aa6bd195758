import * as z from 'zod';

/** Environment of the `webhook` function, checked when the function starts. */
export const WebhookEnv = z.object({
  TABLE_NAME: z.string().min(1),
  QUEUE_URL: z.string().min(1),
  BUCKET_NAME: z.string().min(1),
  /** KMS key under which secrets of signed webhooks are kept. */
  SECRETS_KEY_ID: z.string().min(1),
});
export type WebhookEnv = z.infer<typeof WebhookEnv>;
