import * as z from 'zod';
import { requestErrorStatus } from '#core/errors';

/** A moment: ISO 8601, UTC, with milliseconds. */
export const Moment = z.iso.datetime({ precision: 3 });

/** What every error of the API looks like. */
export const Problem = z
  .strictObject({
    error: z.strictObject({
      code: z
        .enum([...Object.keys(requestErrorStatus), 'internal'])
        .describe('What kind of error this is; meant for programs, and never changed.'),
      message: z.string().describe('What is wrong and what to change, for people.'),
      details: z
        .record(z.string(), z.unknown())
        .optional()
        .describe('For invalid_request: `fields`, a list of `path` and `message`.'),
      request_id: z.string().describe('Names this request in our logs.'),
    }),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;

/** A page of a list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    items: z.array(item),
    next_cursor: z
      .string()
      .nullable()
      .describe('Send it as `cursor` to get the next page; null on the last one.'),
  });
}
