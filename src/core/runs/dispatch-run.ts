import type { AgentVersion } from '#core/agents/agent';
import { callIfLetIn } from '#core/limits/slots';
import { carry, type Dispatched, executeUntilWait, type HandOverDeps } from '#core/runs/hand-over';
import { isFinal, type Run, type RunRef } from '#core/runs/run';
import {
  enterUnclaimed,
  gatesOf,
  leave,
  leaveIfOver,
  settledOf,
  slotDeps,
} from '#core/runs/run-gates';
import { versionOf } from '#core/runs/run-version';
import { takeUp } from '#core/runs/take-up';
import { hasLongStep, needsMachine } from '#core/steps/step-tree';
import { SYSTEM_USER } from '#core/system';

/** Longest delay of a queue message, in seconds. */
const MAX_DELAY_SECONDS = 900;

/** What dispatch works with besides the engine. */
export type DispatchDeps = HandOverDeps & {
  /** When runs of several steps enter the workflow: with their first step, or once they must wait. */
  readonly enterWorkflow: 'always' | 'waits-only';
};

/**
 * Takes one message off the run queue. A single action is executed at once; what has several steps
 * or waits is handed to the workflow, at once or when it must wait. A message about a run that is over, or that somebody else
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
    if (run) await leave(ref, await gatesOf(run, deps), settledOf(run), deps);
    if (run) await deps.announce(run);
    return { next: 'stop' };
  }
  const begun = run.epoch === 0 ? await begin(run, deps) : { isParked: false, hasSlots: false };
  if (begun.isParked) return { next: 'carried' };
  const directive = await executeOrCarry(run, begun, deps, msLeft);
  // Somebody ended it before it was claimed: its slots must not stay with it.
  if (directive.next === 'stop' && begun.hasSlots) {
    await leaveIfOver(ref, await gatesOf(run, deps), deps);
  }
  if (directive.next === 'continue') await deps.queue.enqueue(ref);
  if (directive.next === 'parked') await callIfLetIn(ref, directive.gate, slotDeps(deps));
  if (directive.next === 'wait') await wakeAt(directive.until, ref, deps);
  return directive;
}

/** A run that was never taken up goes further only once it may be executed. */
async function begin(run: Run, deps: DispatchDeps) {
  const entered = await enterUnclaimed(run, await gatesOf(run, deps), deps);
  return { isParked: entered === 'parked', hasSlots: entered === 'passed' };
}

async function executeOrCarry(
  run: Run,
  begun: { readonly hasSlots: boolean },
  deps: DispatchDeps,
  msLeft: () => number,
): Promise<Dispatched> {
  const version = await versionOf(run, deps.agents);
  const isCarried = version !== undefined && needsMachine(version.actions);
  if (isCarried && mustBeginThere(run, version, deps)) return carry(run, deps);
  return isCarried ? executeUntilWait(run, deps, msLeft, begun) : takeUp(run, deps, msLeft, begun);
}

/**
 * Whether a run that may need the workflow must be executed there from its first step on: because the
 * deployment says so, because a step takes long, or because the product's own automations read what
 * only the workflow's function may.
 */
function mustBeginThere(run: Run, version: AgentVersion, { enterWorkflow }: DispatchDeps): boolean {
  return enterWorkflow === 'always' || run.userId === SYSTEM_USER || hasLongStep(version.actions);
}

/** A message that is delivered when the wait is over; the sweeper sees to longer waits. */
async function wakeAt(until: number, ref: RunRef, deps: DispatchDeps): Promise<void> {
  const seconds = Math.max(0, Math.ceil((until - deps.clock.now()) / 1_000));
  if (seconds <= MAX_DELAY_SECONDS) await deps.queue.enqueue(ref, seconds);
}
