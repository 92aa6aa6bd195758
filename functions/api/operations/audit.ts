import * as z from 'zod';
import { AuditPage, presentAudit } from '#core/api/audit';
import { AUDIT_DAYS, type AuditScope } from '#core/audit';
import { decodeCursor, encodeCursor, PageQuery } from '#core/cursor';
import type { ApiDeps } from '#functions/api/deps';
import { defineOperation, type Operation, reply } from '#functions/api/operation';

const AdminQuery = PageQuery.extend({
  user_id: z.string().max(200).optional().describe('Only what is about this account.'),
});

/** Who did what, when and from where. */
export function auditOperations(deps: ApiDeps): Operation[] {
  const page = async (scope: AuditScope, query: z.output<typeof PageQuery>) => {
    const list = `audit ${scope === 'admins' ? '' : scope.account}`;
    const after = decodeCursor(list, query.cursor);
    const found = await deps.audit.list(scope, { limit: query.limit, after });
    const items = found.items.map(presentAudit);
    return reply(200, { items, next_cursor: encodeCursor(list, found.next) });
  };

  return [
    defineOperation({
      id: 'listAudit',
      tag: 'Account',
      method: 'GET',
      path: '/api/account/audit',
      summary: 'List who did what about your account, newest first',
      description: `Approvals, connections, secrets, API keys, agents switched and deleted, credits, plan. Kept for ${AUDIT_DAYS} days, or until the account is deleted.`,
      query: PageQuery,
      answers: { 200: { description: 'A page of acts.', schema: AuditPage } },
      handle: ({ caller, query }) => page({ account: caller.userId }, query),
    }),
    defineOperation({
      id: 'listAdminAudit',
      tag: 'Admin',
      isAdminOnly: true,
      method: 'GET',
      path: '/api/admin/audit',
      summary: 'List what admins did, or all that was done about one account, newest first',
      query: AdminQuery,
      answers: { 200: { description: 'A page of acts.', schema: AuditPage } },
      handle: ({ query: { user_id, ...query } }) =>
        page(user_id === undefined ? 'admins' : { account: user_id }, query),
    }),
  ];
}
