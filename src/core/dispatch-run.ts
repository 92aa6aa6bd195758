import type { EngineDeps } from '#core/execution';
import { describeFailure, failure } from '#core/failure';
import { FIRST_LOOK_MS } from '#core/open-run';
import type { RunQueue } from '#core/ports';
import type { Claim, Run, RunRef } from '#core/run';
import { type Directive, endWithout, runSteps } from '#core/run-steps';

/** Claims without a checkpoint at which a run is given up: it keeps killing its worker. */
export const MAX_CLAIMS = 3;

/** Store faults without a checkpoint at which a run is given up: this one will not pass by itself. */
const MAX_FAULTS = 20;

/** Longest delay of a queue message, in seconds. */
const MAX_DELAY_SECONDS = 900;

/** What dispatch works with besides the engine. */
export type DispatchDeps = EngineDeps & {
  readonly queue: RunQueue;
  /** A name that no other invocation has. */
  readonly newOwner: () => string;
};

/**
 * Takes one message off the run queue: claims the run and executes it. A message about a run that
 * is over, or that somebody else executes, has nothing left to do; delivered twice, it acts once.
 *
 * @param msLeft milliseconds that the invocation still has
 * @throws whatever the stores throw, after giving the claim back: the queue delivers again.
 */
export async function dispatchRun(
  ref: RunRef,
  deps: DispatchDeps,
  msLeft: () => number,
): Promise<Directive> {
  const claimed = await deps.runs.claim(
    ref,
    deps.newOwner(),
    new Date(deps.clock.now()).toISOString(),
  );
  if (claimed.outcome !== 'claimed') {
    deps.log.info('message has nothing to do', { runId: ref.runId, outcome: claimed.outcome });
    return { next: 'stop' };
  }
  if (claimed.run.faults >= MAX_FAULTS) {
    await deps.queue.bury(ref);
    return endWithout(claimed, deps, describeFailure(undefined));
  }
  if (claimed.run.claims >= MAX_CLAIMS) {
    await deps.queue.bury(ref);
    return endWithout(claimed, deps, crashed(claimed.run.claims - 1));
  }
  await lookSoon(claimed, deps);
  const directive = await runOrRelease(claimed, deps, msLeft);
  if (directive.next === 'continue') await deps.queue.enqueue(ref);
  if (directive.next === 'wait') await wakeAt(directive.until, ref, deps);
  return directive;
}

/** A message that is delivered when the wait is over; the sweeper sees to longer waits. */
async function wakeAt(until: number, ref: RunRef, deps: DispatchDeps): Promise<void> {
  const seconds = Math.max(0, Math.ceil((until - deps.clock.now()) / 1_000));
  if (seconds <= MAX_DELAY_SECONDS) await deps.queue.enqueue(ref, seconds);
}

/** A run that waited long in the queue is due late; from now on it is watched as closely as any. */
async function lookSoon(
  { claim, run }: { readonly claim: Claim; readonly run: Run },
  deps: DispatchDeps,
): Promise<void> {
  const soon = new Date(deps.clock.now() + FIRST_LOOK_MS).toISOString();
  if (run.dueAt !== undefined && run.dueAt > soon) await deps.runs.expect(claim, soon);
}

async function runOrRelease(
  claimed: { readonly claim: Claim; readonly run: Run },
  deps: DispatchDeps,
  msLeft: () => number,
): Promise<Directive> {
  try {
    return await runSteps(claimed, deps, msLeft);
  } catch (error) {
    // Best effort: without it the sweeper frees the run, only later.
    const { workedMs } = claimed.run;
    await deps.runs.release(claimed.claim, { workedMs, isFault: true }).catch(() => undefined);
    throw error;
  }
}

function crashed(times: number) {
  return failure(
    'worker_crashed',
    `The worker stopped ${times} times while it ran the same step, so the run was given up. Its step may have acted; check the other side before you replay it.`,
  );
}
