import * as z from 'zod';
import { AccountView, CreditsAdjusted, presentUsage } from '#core/api/usage';
import { invalidRequest } from '#core/errors';
import { planNames } from '#core/limits/plans';
import { suspendRuns } from '#core/limits/suspend-runs';
import { adjustCredits, setAccount } from '#core/limits/usage';
import { userGate } from '#core/runs/run-gates';
import { isUserId } from '#core/user-id';
import type { ApiDeps } from '#functions/api/deps';
import { noteAct } from '#functions/api/note-act';
import { type Call, defineOperation, type Operation, reply } from '#functions/api/operation';

const UserId = z.string().refine(isUserId, 'This cannot be the id of a user.');

const AdjustCredits = z.strictObject({
  user_id: UserId.describe('Whose balance; an account is opened when there is none.'),
  amount: z
    .int()
    .min(-1_000_000_000)
    .max(1_000_000_000)
    .refine((amount) => amount !== 0, 'Give an amount other than 0.')
    .describe('Credits to give; negative takes away, as far as there are any.'),
  reason: z.string().trim().min(1).max(200).describe('Shown in the ledger.'),
});

const SetAccount = z
  .strictObject({
    plan: z.enum(planNames).optional(),
    suspended: z.boolean().optional().describe('Whether the user starts no runs.'),
  })
  .refine((body) => Object.keys(body).length > 0, 'Give plan, suspended, or both.');

/** The doors of operators and billing systems; the role admin opens them. */
export function adminOperations(deps: ApiDeps): Operation[] {
  return [
    defineOperation({
      id: 'adjustCredits',
      tag: 'Admin',
      isAdminOnly: true,
      method: 'POST',
      path: '/api/admin/credits',
      summary: 'Give a user credits, or take some away',
      body: AdjustCredits,
      answers: { 200: { description: 'What was done.', schema: CreditsAdjusted } },
      headers: {
        'Idempotency-Key':
          'A request that is repeated with it within a day changes nothing more, and is answered as before.',
      },
      errors: ['conflict'],
      async handle(call) {
        const { user_id, amount, reason } = call.body;
        const key = call.headers['idempotency-key'];
        const { isRepeated, ...done } = await adjustCredits(user_id, amount, reason, key, deps);
        if (!isRepeated) {
          const details = { applied: done.applied, reason };
          await noteAct(
            call,
            { action: 'credits.adjusted', account: user_id, ...asAdmin(call), details },
            deps,
          );
        }
        return reply(200, { user_id, ...done });
      },
    }),
    defineOperation({
      id: 'setAccount',
      tag: 'Admin',
      isAdminOnly: true,
      method: 'PUT',
      path: '/api/admin/accounts/{user_id}',
      summary: 'Put a user on a plan, or suspend the user',
      description:
        'What is left out stays as it is. Another plan moves the balance by the difference between the monthly credits of the two. A suspended user starts no runs, and open runs end before their next step.',
      headers: { 'If-None-Match': '`*` refuses a user who has an account already.' },
      body: SetAccount,
      answers: { 200: { description: 'The account as it is now.', schema: AccountView } },
      errors: ['precondition_failed'],
      async handle(call) {
        const { params, body, headers } = call;
        const userId = userIdOf(params['user_id']);
        const onlyNew = headers['if-none-match'] === '*';
        const account = await setAccount(userId, body, onlyNew, deps);
        if (body.suspended !== undefined) await suspendRuns(userId, body.suspended, deps);
        const details = JSON.parse(JSON.stringify(body));
        const act = { action: 'account.changed', account: userId, details } as const;
        await noteAct(call, { ...act, ...asAdmin(call) }, deps);
        const gate = await deps.slots.read(userGate(account));
        const usage = presentUsage(account, gate, deps.clock.now());
        return reply(200, { user_id: userId, suspended: account.isSuspended, ...usage });
      },
    }),
  ];
}

/** Admins act as such also on their own accounts. */
function asAdmin({ caller }: Pick<Call<unknown, unknown>, 'caller'>) {
  return { actor: { kind: 'admin', userId: caller.userId } as const };
}

/** @throws RequestError `invalid_request` for what cannot be one */
function userIdOf(text = ''): string {
  if (isUserId(text)) return text;
  throw invalidRequest([{ path: 'user_id', message: 'This cannot be the id of a user.' }]);
}
