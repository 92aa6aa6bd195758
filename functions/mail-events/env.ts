import * as z from 'zod';

/** Environment of the `mail-events` function, checked when the function starts. */
export const MailEventsEnv = z.object({ TABLE_NAME: z.string().min(1) });
export type MailEventsEnv = z.infer<typeof MailEventsEnv>;
