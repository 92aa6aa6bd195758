import { createHash } from 'node:crypto';
import * as z from 'zod';
import { invalidRequest } from '#core/errors';

/** `limit` and `cursor` of every list. */
export const PageQuery = z.strictObject({
  limit: z.coerce
    .number('This must be a whole number from 1 to 100.')
    .int()
    .min(1)
    .max(100)
    .default(25)
    .describe('Entries a page.'),
  cursor: z.string().max(500).optional().describe("The previous page's next_cursor."),
});

/**
 * A cursor for the caller: where the next page starts, bound to one list of one caller. It is not
 * a secret: every list is scoped by its owner, whatever a cursor says.
 *
 * @param list names the list and its owner
 */
export function encodeCursor(list: string, position: string | undefined): string | null {
  if (position === undefined) return null;
  return Buffer.from(JSON.stringify([mark(list), position])).toString('base64url');
}

/**
 * Where a page starts.
 *
 * @throws RequestError `invalid_request` for a cursor of another list, another caller or none.
 */
export function decodeCursor(list: string, cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const parsed = Cursor.safeParse(cursor);
  if (parsed.success && parsed.data[0] === mark(list)) return parsed.data[1];
  throw invalidRequest([
    {
      path: 'cursor',
      message: 'This cursor is not of this list. Use next_cursor of its previous page.',
    },
  ]);
}

const Cursor = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown;
    } catch {
      context.addIssue('not JSON');
      return z.NEVER;
    }
  })
  .pipe(z.tuple([z.string(), z.string().max(200)]));

function mark(list: string): string {
  return createHash('sha256').update(list).digest('base64url').slice(0, 12);
}
