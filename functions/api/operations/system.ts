import * as z from 'zod';
import { Moment, pageOf } from '#core/api/shared';
import { decodeCursor, encodeCursor, PageQuery } from '#core/cursor';
import { type RecordCollection, recordCollections } from '#core/runs/records';
import type { ApiDeps } from '#functions/api/deps';
import { defineOperation, type Operation, reply } from '#functions/api/operation';

const Lead = z
  .strictObject({
    id: z.string(),
    at: Moment.describe('When it came.'),
    email: z.string(),
    name: z.string(),
    source: z.string(),
  })
  .meta({ id: 'Lead' });

const Kept = z
  .strictObject({
    id: z.string(),
    at: Moment.describe('When it was kept.'),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Record' });

const RecordQuery = PageQuery.extend({
  collection: z.enum(recordCollections).describe('What kind of record.'),
});

/** What the product's own automations have kept, for admins. */
export function systemOperations(deps: Pick<ApiDeps, 'records'>): Operation[] {
  const page = async (collection: RecordCollection, query: z.infer<typeof PageQuery>) => {
    const list = `records ${collection}`;
    const after = decodeCursor(list, query.cursor);
    const { items, next } = await deps.records.list(collection, { limit: query.limit, after });
    return { items, next_cursor: encodeCursor(list, next) };
  };

  return [
    defineOperation({
      id: 'listLeads',
      tag: 'Admin',
      isAdminOnly: true,
      method: 'GET',
      path: '/api/agents/leads',
      summary: 'List the leads that the Lead sync automation has kept, newest first',
      query: PageQuery,
      answers: { 200: { description: 'A page of leads.', schema: pageOf(Lead) } },
      async handle({ query }) {
        const { items, next_cursor } = await page('leads', query);
        const leads = items.map(({ id, at, data }) => {
          const { email = '', name = '', source = '' } = data as Record<string, string>;
          return { id, at, email, name, source };
        });
        return reply(200, { items: leads, next_cursor });
      },
    }),
    defineOperation({
      id: 'listRecords',
      tag: 'Admin',
      isAdminOnly: true,
      method: 'GET',
      path: '/api/admin/records',
      summary: "List what the product's own automations have kept, newest first",
      query: RecordQuery,
      answers: { 200: { description: 'A page of records.', schema: pageOf(Kept) } },
      async handle({ query }) {
        const { items, next_cursor } = await page(query.collection, query);
        const records = items.map(({ id, at, data }) => ({
          id,
          at,
          data: data as Record<string, unknown>,
        }));
        return reply(200, { items: records, next_cursor });
      },
    }),
  ];
}
