import * as z from 'zod';
import { Moment, pageOf } from '#core/api/shared';
import type { ApiKey } from '#core/api-keys';

/** An API key as its owner sees it: everything but the key. */
export const ApiKeyView = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    last_four: z.string().describe('The last four characters of the key, to tell keys apart.'),
    created_at: Moment,
    expires_at: Moment.nullable().describe('When it stops to work; null: when it is removed.'),
    last_used_on: z.iso
      .date()
      .nullable()
      .describe('The day of its last use, in UTC; null: never used.'),
  })
  .meta({ id: 'ApiKey' });
export type ApiKeyView = z.infer<typeof ApiKeyView>;

/** A page of API keys. */
export const ApiKeyPage = pageOf(ApiKeyView);

/** A new API key, in the only answer that ever shows it. */
export const NewApiKeyView = ApiKeyView.extend({
  key: z.string().describe('The key itself. It is shown here and never again.'),
}).meta({ id: 'NewApiKey' });

/** A key as its owner sees it. */
export function presentApiKey(key: ApiKey): ApiKeyView {
  return {
    id: key.id,
    name: key.name,
    last_four: key.lastFour,
    created_at: key.createdAt,
    expires_at: key.expiresAt ?? null,
    last_used_on: key.lastUsedOn ?? null,
  };
}
