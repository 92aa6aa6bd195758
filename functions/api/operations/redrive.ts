import * as z from 'zod';
import { redrive, redriveOutcomes } from '#core/runs/redrive';
import { replayRun } from '#core/runs/replay-run';
import type { ApiDeps } from '#functions/api/deps';
import { noteAct } from '#functions/api/note-act';
import { defineOperation, type Operation, reply } from '#functions/api/operation';

const Redrive = z.strictObject({
  limit: z.int().min(1).max(100).default(10).describe('Most messages to work off.'),
});

const RedriveView = z.strictObject({
  items: z.array(
    z.strictObject({
      outcome: z
        .enum(redriveOutcomes)
        .describe(
          'replayed: a new run goes on from the step that was not finished. queued: put back in line. over, gone: nothing was left to do. refused: it stays in the queue.',
        ),
      user_id: z.string().nullable(),
      run_id: z.string().nullable().describe('The run that was given up; null for a schedule.'),
      new_run_id: z.string().nullable(),
      problem: z.string().nullable().describe('Why it was refused.'),
    }),
  ),
});

/** Working off what was given up. */
export function redriveOperations(deps: ApiDeps): Operation[] {
  return [
    defineOperation({
      id: 'redrive',
      tag: 'Admin',
      isAdminOnly: true,
      method: 'POST',
      path: '/api/admin/redrive',
      summary: 'Work off the dead-letter queue, once the cause is mended',
      description:
        'Runs that were given up are replayed for their owners, from the step that they had not finished. Repeat it until items is empty. A replay is charged for the steps that it runs.',
      body: Redrive,
      answers: { 200: { description: 'What was done, one entry a message.', schema: RedriveView } },
      async handle(call) {
        const done = await redrive(call.body.limit, {
          ...deps,
          replay: (run, from) => replayRun(run, from, deps),
        });
        for (const { run, newRunId } of done) {
          if (run === undefined || newRunId === undefined) continue;
          const { userId: account, runId: target } = run;
          const details = { new_run_id: newRunId };
          await noteAct(call, { action: 'run.redriven', account, target, details }, deps);
        }
        const items = done.map(({ outcome, run, newRunId, problem }) => ({
          outcome,
          user_id: run?.userId ?? null,
          run_id: run?.runId ?? null,
          new_run_id: newRunId ?? null,
          problem: problem ?? null,
        }));
        return reply(200, { items });
      },
    }),
  ];
}
