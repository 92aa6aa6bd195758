import type { AskedApproval } from '#core/approvals/ask-approval';
import { type OpenApprovalDeps, openApproval } from '#core/approvals/open-approval';
import { failure } from '#core/failure';
import { gateWaitedFor } from '#core/limits/slots';
import { planMailer } from '#core/mail/plan-mailer';
import { type CarryDirective, carryDirective } from '#core/runs/carry-directive';
import { type CloseDeps, closeRun } from '#core/runs/close-run';
import { freeIfDead } from '#core/runs/dead-worker';
import { isFinal, type RunRef, type StepRecord } from '#core/runs/run';
import { versionOf } from '#core/runs/run-version';
import { takeUp, type WorkerDeps } from '#core/runs/take-up';

/** After this a run that another worker has is looked at again, in milliseconds. */
const HELD_MS = 20_000;

/** A run that waits for a slot and was not called asks again after this, in seconds. */
const SLOT_SECONDS = 300;

/** What carrying a run on takes. */
export type CarryDeps = WorkerDeps & CloseDeps & OpenApprovalDeps;

/**
 * Executes a run as far as it comes.
 *
 * @throws whatever the stores throw: the state machine tries again.
 */
export async function continueRun(
  ref: RunRef,
  deps: CarryDeps,
  msLeft: () => number,
): Promise<CarryDirective> {
  const directive = await takeUp(ref, deps, msLeft);
  switch (directive.next) {
    case 'held':
      return directive.until === undefined
        ? behindWorker(ref, deps)
        : { next: 'wait', until: new Date(directive.until).toISOString() };
    case 'parked':
      return { next: 'await', timeout_seconds: SLOT_SECONDS };
    case 'stop':
      return { next: (await isOpen(ref, deps)) ? 'continue' : 'done' };
    default:
      return carryDirective(directive, deps.clock.now());
  }
}

/** A worker that stood still may have lost a run that is not over: nothing else would carry it on. */
async function isOpen(ref: RunRef, { runs }: CarryDeps): Promise<boolean> {
  const run = await runs.find(ref);
  return run !== undefined && !isFinal(run.status);
}

/**
 * Another worker has the run: most often one that has died, which is why the state machine has
 * asked again. It looks for itself, so that the run need not wait for the sweeper's looks.
 */
async function behindWorker(ref: RunRef, deps: CarryDeps): Promise<CarryDirective> {
  const run = await deps.runs.find(ref);
  if (run?.claim === undefined || (await freeIfDead(run, deps))) return { next: 'continue' };
  return { next: 'wait', until: new Date(deps.clock.now() + HELD_MS).toISOString() };
}

/**
 * Keeps the token with which the state machine waits: for a slot, or for the approval that is opened
 * with it. When nothing waits any more, the state machine is told at once.
 */
export async function awaitCall(ref: RunRef, taskToken: string, deps: CarryDeps): Promise<void> {
  const run = await deps.runs.find(ref);
  if (run?.waitingFor?.kind === 'slot') {
    const gate = gateWaitedFor(run, run.waitingFor);
    if (!(await deps.slots.keepToken(gate, ref.runId, taskToken))) {
      await deps.workflow.wake(taskToken);
    }
    return;
  }
  const asked = run?.status === 'waiting_approval' ? await waitingApproval(run, deps) : undefined;
  if (run === undefined || asked === undefined) {
    await deps.workflow.wake(taskToken);
    return;
  }
  const version = await versionOf(run, deps.agents);
  const { record } = asked;
  const input = JSON.parse(await deps.payloads.get(ref, asked.input)) as AskedApproval;
  const { notices } = await openApproval(
    {
      run: { userId: ref.userId, runId: ref.runId },
      agentId: run.agentId,
      agentName: version?.name ?? run.agentId,
      stepPath: record.path,
      stepId: record.id,
      content: { message: input.message, preview: input.preview },
      contentHash: input.content_hash,
      approvers: input.approvers ?? [],
      expiresAt: Date.parse(asked.waitUntil),
      onTimeout: input.on_timeout,
      taskToken,
    },
    { ...deps, mail: planMailer(deps.mail, run, deps.profiles) },
  );
  for (const { problem } of notices) {
    if (problem) deps.log.warn('approver not told', { runId: ref.runId, stepPath: record.path });
  }
}

/** The approval that a run waits for: inside of loops it is stored beside the run. */
async function waitingApproval(
  run: RunRef & { steps: Readonly<Record<string, StepRecord>> },
  deps: CarryDeps,
) {
  const own = Object.values(run.steps);
  const loops = own.filter(({ status, type }) => status === 'running' && type === 'for_each');
  const inside = loops.map((loop) => deps.runs.readItems(run, loop.path, loop.itemsDone ?? 0));
  const all = [...own, ...(await Promise.all(inside)).flat()];
  for (const record of all) {
    const { type, status, waitUntil, input } = record;
    if (type === 'approval' && status === 'waiting' && waitUntil && input) {
      return { record, waitUntil, input };
    }
  }
  return undefined;
}

/** Fails a run that the state machine cannot carry on. */
export async function abandonRun(ref: RunRef, deps: CloseDeps): Promise<void> {
  const words =
    'The workflow of this run stopped unexpectedly. Replay it from the step that it had reached.';
  await closeRun(ref, failure('workflow_stopped', words), deps);
}
