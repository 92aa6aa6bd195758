import * as z from 'zod';
import { Moment, pageOf } from '#core/api/shared';
import { connectionKindNames } from '#core/connections/kinds';

/** A connection as callers see it: everything but its secret. */
export const ConnectionView = z
  .strictObject({
    id: z.string(),
    kind: z.enum(connectionKindNames),
    name: z.string(),
    settings: z.record(z.string(), z.string()),
    allowed_hosts: z
      .array(z.string())
      .describe('Where the credential may be sent; it goes nowhere else.'),
    version: z
      .int()
      .describe(
        'Grows with each change but that of the name. What was approved is executed with no other.',
      ),
    created_at: Moment,
    updated_at: Moment.describe('When it was last changed.'),
  })
  .meta({ id: 'Connection' });
export type ConnectionView = z.infer<typeof ConnectionView>;

/** A page of connections. */
export const ConnectionPage = pageOf(ConnectionView);

/** Whether a credential works. */
export const ConnectionTestView = z.strictObject({
  ok: z
    .boolean()
    .nullable()
    .describe('Whether it works; null when there is no way to find out without using it.'),
  message: z.string().describe('What was found, for people.'),
});
export type ConnectionTestView = z.infer<typeof ConnectionTestView>;
