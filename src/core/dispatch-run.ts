import type { ApprovalStore } from '#core/approval';
import { closeRun } from '#core/close-run';
import { failure } from '#core/failure';
import type { Workflow } from '#core/ports';
import { isFinal, type RunRef } from '#core/run';
import { leave, settledOf, slotDeps, userGate } from '#core/run-gates';
import { versionOf } from '#core/run-version';
import { callIfLetIn } from '#core/slots';
import { needsMachine } from '#core/step-tree';
import { type TakenUp, takeUp, type WorkerDeps } from '#core/take-up';

/** Longest delay of a queue message, in seconds. */
const MAX_DELAY_SECONDS = 900;

/** What dispatch works with besides the engine. */
export type DispatchDeps = WorkerDeps & {
  readonly workflow: Pick<Workflow, 'start' | 'wake'>;
  readonly approvals: ApprovalStore;
};

/** What dispatch did with a message. */
export type Dispatched = TakenUp | { readonly next: 'carried' };

/**
 * Takes one message off the run queue. A single action is executed at once; what has several steps
 * or waits is handed to the workflow. A message about a run that is over, or that somebody else
 * executes, has nothing left to do; delivered twice, it acts once.
 *
 * @param msLeft milliseconds that the invocation still has
 * @throws whatever the stores throw, after giving the claim back: the queue delivers again.
 */
export async function dispatchRun(
  ref: RunRef,
  deps: DispatchDeps,
  msLeft: () => number,
): Promise<Dispatched> {
  const run = await deps.runs.find(ref);
  if (run === undefined || isFinal(run.status)) {
    deps.log.info('message has nothing to do', { runId: ref.runId });
    // It may have been let in after somebody had ended it.
    if (run) await leave(ref, [userGate(run)], settledOf(run), deps);
    if (run) await deps.announce(run);
    return { next: 'stop' };
  }
  const version = await versionOf(run, deps.agents);
  if (version !== undefined && needsMachine(version.actions)) return carry(ref, deps);
  const directive = await takeUp(ref, deps, msLeft);
  if (directive.next === 'continue') await deps.queue.enqueue(ref);
  if (directive.next === 'parked') await callIfLetIn(ref, directive.gate, slotDeps(deps));
  if (directive.next === 'wait') await wakeAt(directive.until, ref, deps);
  return directive;
}

/** A run whose execution has ended before it did will not be carried on by anything else. */
async function carry(ref: RunRef, deps: DispatchDeps): Promise<Dispatched> {
  const started = await deps.workflow.start(ref);
  if (started === 'ended') await closeRun(ref, workflowEnded, deps);
  return { next: 'carried' };
}

/** Why a run fails that nothing carries on any more. */
export const workflowEnded = failure(
  'workflow_ended',
  'The workflow of this run ended before its last step. Replay it from the step that it had reached.',
);

/** A message that is delivered when the wait is over; the sweeper sees to longer waits. */
async function wakeAt(until: number, ref: RunRef, deps: DispatchDeps): Promise<void> {
  const seconds = Math.max(0, Math.ceil((until - deps.clock.now()) / 1_000));
  if (seconds <= MAX_DELAY_SECONDS) await deps.queue.enqueue(ref, seconds);
}
