import { SuppressionPage } from '#core/api/suppression';
import { decodeCursor, encodeCursor, PageQuery } from '#core/cursor';
import { notFound } from '#core/errors';
import { isEmailAddress } from '#core/mail/mail';
import type { ApiDeps } from '#functions/api/deps';
import { defineOperation, type Operation, reply } from '#functions/api/operation';

/** Addresses that steps do not send e-mail to any more. */
export function suppressionOperations(deps: ApiDeps): Operation[] {
  return [
    defineOperation({
      id: 'listSuppressions',
      tag: 'Connections',
      method: 'GET',
      path: '/api/suppressions',
      summary: 'List the addresses that get no e-mail of yours any more, by address',
      description:
        'An address comes onto the list when an e-mail of yours to it came back for good, or when its reader called one spam.',
      query: PageQuery,
      answers: { 200: { description: 'A page of addresses.', schema: SuppressionPage } },
      async handle({ caller, query }) {
        const list = `suppressions ${caller.userId}`;
        const page = await deps.suppressions.list(caller.userId, {
          limit: query.limit,
          after: decodeCursor(list, query.cursor),
        });
        const next_cursor = encodeCursor(list, page.next);
        return reply(200, { items: [...page.items], next_cursor });
      },
    }),
    defineOperation({
      id: 'deleteSuppression',
      tag: 'Connections',
      method: 'DELETE',
      path: '/api/suppressions/{address}',
      summary: 'Take an address off the list, so that it gets e-mail again',
      description:
        'For an address that works again, or a reader who wants your e-mail after all. It comes back onto the list when the next e-mail comes back. Deleting it again is fine.',
      answers: { 204: { description: 'It is not on the list.' } },
      async handle({ caller, params }) {
        const { address = '' } = params;
        if (!isEmailAddress(address)) throw notFound('address');
        await deps.suppressions.remove(caller.userId, address);
        return reply(204);
      },
    }),
  ];
}
