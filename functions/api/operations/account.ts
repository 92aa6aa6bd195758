import { createHash } from 'node:crypto';
import { AccountDeleting, ExportPage } from '#core/api/account';
import { deleteAccount } from '#core/limits/account';
import type { ApiDeps } from '#functions/api/deps';
import { ExportQuery, exportPage } from '#functions/api/export';
import { noteAct } from '#functions/api/note-act';
import { defineOperation, type Operation, reply } from '#functions/api/operation';

/** Tells an account from others without naming it. */
function digestOf(userId: string): string {
  return createHash('sha256').update(userId).digest('hex');
}

/** A user's data as a whole. */
export function accountOperations(deps: ApiDeps): Operation[] {
  return [
    defineOperation({
      id: 'exportAccount',
      tag: 'Account',
      isForPeople: true,
      method: 'GET',
      path: '/api/account/export',
      summary: 'Take all of your data with you',
      description:
        'Agents, every version of them (also of deleted ones), connections and API keys without their secrets, and runs with their steps and logs, in pages of at most 2.5 MiB: go on while next_cursor is not null. What changes meanwhile may be missing or come twice.',
      query: ExportQuery,
      answers: { 200: { description: 'A page of your data.', schema: ExportPage } },
      handle: async ({ caller, query, msLeft }) =>
        reply(200, await exportPage(caller.userId, query, deps, msLeft)),
    }),
    defineOperation({
      id: 'deleteAccount',
      tag: 'Account',
      isForPeople: true,
      method: 'DELETE',
      path: '/api/account',
      summary: 'Delete all of your data for good',
      description:
        'API keys and agents stop at once, open runs are ended, and everything of yours is deleted. Much data takes more than one call: repeat the request, after Retry-After seconds, until the answer is 204. Copies in backups are gone after at most 35 days.',
      answers: {
        202: {
          description: 'Not everything is gone yet: call again.',
          schema: AccountDeleting,
          headers: { 'Retry-After': 'Seconds after which to call again.' },
        },
        204: { description: 'Nothing of yours is left.' },
      },
      async handle(call) {
        const { caller, msLeft } = call;
        const removal = await deleteAccount(caller.userId, deps, msLeft);
        if (removal.status === 'deleted') {
          // Outlives the user's data, so it says neither whose it was nor from where.
          const nobody = { caller: { userId: '', isAdmin: false }, headers: {}, sourceIp: '' };
          const act = { action: 'account.deleted', actor: { kind: 'user' } } as const;
          await noteAct(nobody, { ...act, details: { user: digestOf(caller.userId) } }, deps);
          return reply(204);
        }
        const body = { status: 'deleting' } as const;
        return reply(202, body, { 'retry-after': String(removal.retryAfterSeconds) });
      },
    }),
  ];
}
