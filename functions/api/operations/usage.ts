import * as z from 'zod';
import { LedgerPage, presentEntry, presentUsage, SpendingView, UsageView } from '#core/api/usage';
import { decodeCursor, encodeCursor, PageQuery } from '#core/cursor';
import { spendingByDay } from '#core/limits/spending';
import { currentAccount, type LedgerPosition, readLedger } from '#core/limits/usage';
import { userGate } from '#core/runs/run-gates';
import type { ApiDeps } from '#functions/api/deps';
import { defineOperation, type Operation, reply } from '#functions/api/operation';

const Position = z
  .string()
  .transform((text) => text.split(' ').map(Number))
  .pipe(z.tuple([z.int().positive(), z.int()]));

/** What a user has used, and what it cost. */
export function usageOperations(deps: ApiDeps): Operation[] {
  return [
    defineOperation({
      id: 'getUsage',
      tag: 'Usage',
      method: 'GET',
      path: '/api/usage',
      summary: 'See your plan, your credits and what is used up',
      answers: { 200: { description: 'Plan, credits and quotas.', schema: UsageView } },
      async handle({ caller }) {
        const account = await currentAccount(caller.userId, deps);
        const gate = await deps.slots.read(userGate(account));
        return reply(200, presentUsage(account, gate, deps.clock.now()));
      },
    }),
    defineOperation({
      id: 'getSpending',
      tag: 'Usage',
      method: 'GET',
      path: '/api/usage/days',
      summary: 'See the credits that your runs took, day by day',
      answers: { 200: { description: 'The last fourteen days.', schema: SpendingView } },
      handle: async ({ caller }) => reply(200, await spendingByDay(caller.userId, deps)),
    }),
    defineOperation({
      id: 'listLedger',
      tag: 'Usage',
      method: 'GET',
      path: '/api/usage/ledger',
      summary: 'List every change of your credits, newest first',
      description:
        'A run reserves what it may cost at most when it is accepted; what it did not use is refunded when it ends. The sum of all amounts is the balance.',
      query: PageQuery,
      answers: { 200: { description: 'A page of the ledger.', schema: LedgerPage } },
      async handle({ caller, query }) {
        const list = `ledger ${caller.userId}`;
        const start = positionOf(decodeCursor(list, query.cursor));
        const page = await readLedger(caller.userId, start, query.limit, deps);
        const next = page.next && `${page.next.before} ${page.next.balance}`;
        const items = page.items.map(presentEntry);
        return reply(200, { items, next_cursor: encodeCursor(list, next) });
      },
    }),
  ];
}

function positionOf(cursor: string | undefined): LedgerPosition | undefined {
  if (cursor === undefined) return undefined;
  const [before, balance] = Position.parse(cursor);
  return { before, balance };
}
