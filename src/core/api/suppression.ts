import * as z from 'zod';
import { Moment, pageOf } from '#core/api/shared';

/** An address that gets no more e-mail of this user's. */
export const SuppressionView = z
  .strictObject({
    address: z.string().describe('In lower case.'),
    reason: z
      .enum(['bounce', 'complaint'])
      .describe('Whether an e-mail came back for good, or its reader called it spam.'),
    detail: z.string().describe('What happened, as the mail servers told it.'),
    since: Moment,
  })
  .meta({ id: 'Suppression' });
export type SuppressionView = z.infer<typeof SuppressionView>;

/** A page of the suppression list. */
export const SuppressionPage = pageOf(SuppressionView);
