import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import { PauseView, presentPause } from '#core/api/pause';
import { SEEN_WITHIN_MS } from '#core/pause';
import type { ApiDeps } from '#functions/api/deps';
import { noteAct } from '#functions/api/note-act';
import { defineOperation, type Operation, reply } from '#functions/api/operation';

const SetPause = z.strictObject({
  paused: z.boolean().describe('true stops all dispatch, false lets it go on.'),
  reason: z.string().trim().max(200).default('').describe('Shown to operators.'),
});

/** A worker that has just asked knows of it this much later, at the latest. */
const SEEN_BY_ALL_MS = SEEN_WITHIN_MS + 500;

/** The brake for everything. */
export function pauseOperations(deps: ApiDeps): Operation[] {
  return [
    defineOperation({
      id: 'setPause',
      tag: 'Admin',
      isAdminOnly: true,
      method: 'POST',
      path: '/api/admin/pause',
      summary: 'Stop all dispatch, or let it go on',
      description:
        'While it is paused, triggers are accepted and kept, schedules too; nothing is started, and open runs end before their next step. What was kept starts by itself when dispatch goes on. The answer comes when every worker knows.',
      body: SetPause,
      answers: { 200: { description: 'How it is now.', schema: PauseView } },
      async handle(call) {
        const { caller, body } = call;
        const before = await deps.pause.find();
        if ((before?.paused ?? false) === body.paused) return reply(200, presentPause(before));
        const since = new Date(deps.clock.now()).toISOString();
        const state = { ...body, since, by: caller.userId };
        await deps.pause.put(state);
        const action = body.paused ? 'dispatch.paused' : 'dispatch.resumed';
        const actor = { kind: 'admin', userId: caller.userId } as const;
        const details = { reason: body.reason };
        await noteAct(call, { action, account: '', actor, details }, deps);
        await setTimeout(SEEN_BY_ALL_MS);
        return reply(200, presentPause(state));
      },
    }),
    defineOperation({
      id: 'getPause',
      tag: 'Admin',
      isAdminOnly: true,
      method: 'GET',
      path: '/api/admin/pause',
      summary: 'See whether dispatch is paused',
      answers: { 200: { description: 'How it is now.', schema: PauseView } },
      handle: async () => reply(200, presentPause(await deps.pause.find())),
    }),
  ];
}
