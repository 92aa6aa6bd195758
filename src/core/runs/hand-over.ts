import type { ApprovalStore } from '#core/approvals/approval';
import { failure } from '#core/failure';
import { carryDirective } from '#core/runs/carry-directive';
import { closeRun } from '#core/runs/close-run';
import type { RunRef } from '#core/runs/run';
import { gatesOf, leaveIfOver } from '#core/runs/run-gates';
import { type Arrival, type TakenUp, takeUp, type WorkerDeps } from '#core/runs/take-up';
import type { Workflow } from '#core/runs/workflow';
import type { Directive } from '#core/steps/run-steps';

/** What handing a run over works with besides the engine. */
export type HandOverDeps = WorkerDeps & {
  readonly workflow: Pick<Workflow, 'start' | 'wake'>;
  readonly approvals: ApprovalStore;
};

/** What was done with a run off the queue; `carried` when the workflow has it, or the line of those that wait. */
export type Dispatched = TakenUp | { readonly next: 'carried' };

/** After the end of a wait, the state machine has this long to go on before the sweeper looks. */
export const WAKE_GRACE_MS = 60_000;

/**
 * Executes a run of several steps where it was taken off the queue, and hands it to the workflow once
 * it must wait or time is nearly up.
 */
export async function executeUntilWait(
  ref: RunRef,
  deps: HandOverDeps,
  msLeft: () => number,
  arrival: Arrival,
): Promise<Dispatched> {
  const directive = await takeUp(ref, { ...deps, pausesFor: handedOver }, msLeft, arrival);
  switch (directive.next) {
    case 'wait':
    case 'await':
    case 'continue':
      return handOver(ref, directive, deps);
    case 'held':
      // Who made it wait may have died before it was handed over; doing it again changes nothing.
      if (directive.until === undefined) return directive;
      return handOver(ref, { next: 'wait', until: directive.until }, deps);
    default:
      return directive;
  }
}

/**
 * When the sweeper looks at a run that waits. Nobody is asked for an approval before the workflow has
 * the run, so it is made sure of soon.
 */
const handedOver: HandOverDeps['pausesFor'] = (pause, now) =>
  pause.next === 'await' ? now + WAKE_GRACE_MS : pause.until + WAKE_GRACE_MS;

async function handOver(
  ref: RunRef,
  directive: Directive,
  deps: HandOverDeps,
): Promise<Dispatched> {
  const carried = await carry(ref, deps, directive);
  if (directive.next !== 'await') return carried;
  // From here on only the end of the approval's time is worth a look.
  const run = await deps.runs.find(ref);
  if (run?.status === 'waiting_approval' && run.claim === undefined) {
    await deps.runs.watch(run, new Date(directive.until + WAKE_GRACE_MS).toISOString());
  }
  return carried;
}

/**
 * Has the workflow carry a run. One whose execution has ended before it did will not be carried on by
 * anything else, and fails.
 *
 * @param directive how far it has come; left out for a run that nobody has taken up
 */
export async function carry(
  ref: RunRef,
  deps: HandOverDeps,
  directive?: Directive,
): Promise<Dispatched> {
  const begin = directive && carryDirective(directive, deps.clock.now());
  const started = await deps.workflow.start(ref, begin);
  if (started === 'ended') {
    await closeRun(ref, workflowEnded, deps);
    // It may have been over before its message came once more, and took its slots again.
    const run = await deps.runs.find(ref);
    if (run) await leaveIfOver(ref, await gatesOf(run, deps), deps);
  }
  return { next: 'carried' };
}

/** Why a run fails that nothing carries on any more. */
const workflowEnded = failure(
  'workflow_ended',
  'The workflow of this run ended before its last step. Replay it from the step that it had reached.',
);
