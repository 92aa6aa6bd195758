import * as z from 'zod';
import { EmailAddress } from '#core/mail/mail';

/** Failures in a row after which an agent is switched off. */
export const DISABLE_AFTER = 20;

/** Whom an agent tells of trouble, and when. */
export const AlertSettings = z.strictObject({
  after_consecutive_failures: z
    .int()
    .min(1)
    .max(100)
    .nullable()
    .default(3)
    .describe('Failed runs in a row after which you are told, once; null means never.'),
  absence_hours: z
    .int()
    .min(1)
    .max(8_760)
    .nullable()
    .default(null)
    .describe(
      'Hours without a run that succeeded after which you are told, once; null means never.',
    ),
  email: EmailAddress.nullable()
    .default(null)
    .describe(
      'Where to write to; null means the address that you sign in with, which is the only one on the plan free.',
    ),
  slack_connection_id: z
    .string()
    .max(100)
    .nullable()
    .default(null)
    .describe('Your Slack connection, to be told there too.'),
  slack_channel: z
    .string()
    .min(1)
    .max(200)
    .nullable()
    .default(null)
    .describe('With a bot, which needs one: the channel, by its id or as #name.'),
});
export type AlertSettings = z.infer<typeof AlertSettings>;
