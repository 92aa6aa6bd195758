import type { ApprovalStore } from '#core/approvals/approval';
import { withdrawApprovals } from '#core/approvals/decide-approval';
import { notFound, RequestError } from '#core/errors';
import { isFinal, type Run, type RunRef, type RunStatus } from '#core/runs/run';
import { type EndDeps, noteEnd, wholeEnding } from '#core/runs/run-ending';
import { type LeaveDeps, leaveUnclaimed } from '#core/runs/run-gates';
import type { RunQueue } from '#core/runs/run-queue';
import type { Workflow } from '#core/runs/workflow';

/** How often a run that moves meanwhile is read again. */
const TRIES = 5;

/** By then a request to cancel is over, however it went, in seconds. */
const TOLD_AFTER_SECONDS = 30;

/** What cancelling takes. */
export type CancelDeps = EndDeps &
  LeaveDeps & {
    readonly approvals: ApprovalStore;
    readonly workflow: Pick<Workflow, 'stop' | 'wake'>;
    readonly queue: Pick<RunQueue, 'enqueue' | 'call'>;
  };

/**
 * Cancels a run. One that nobody works on is over at once; otherwise the step in flight ends, and
 * nothing after it starts once {@link ASKED_WITHIN_MS} have passed. Either way the run will end as
 * cancelled.
 *
 * @returns the run's status now; a final one means that nobody worked on it
 * @throws RequestError `not_found`, or `conflict` when it is over
 */
export async function cancelRun(ref: RunRef, deps: CancelDeps): Promise<RunStatus> {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const run = await deps.runs.find(ref);
    if (run === undefined) throw notFound('run');
    if (isFinal(run.status)) {
      throw new RequestError('conflict', `This run is over already: ${run.status}.`);
    }
    if (run.claim !== undefined) {
      const at = new Date(deps.clock.now()).toISOString();
      if (await deps.runs.requestCancel(run, at)) return run.status;
      continue;
    }
    // Finds the run over, and tells who must know: also should this be cut off in between.
    await deps.queue.enqueue(ref, TOLD_AFTER_SECONDS);
    const outcome = { status: 'cancelled' } as const;
    const ending = await wholeEnding(run, outcome, deps);
    if (await deps.runs.close(run, ending)) {
      noteEnd(run, { ...outcome, charged: ending.credits.charged }, deps);
      await tidyUp(run, deps);
      return 'cancelled';
    }
  }
  throw new RequestError('unavailable', 'The run kept moving. Try again.', {
    retryAfterSeconds: 1,
  });
}

/** The run is over: what still waits for it finds that out by itself, only later. */
async function tidyUp(run: Run, deps: CancelDeps): Promise<void> {
  try {
    await leaveUnclaimed(run, deps);
    await withdrawApprovals(run, deps);
    await deps.workflow.stop(run, 'The run was cancelled.');
  } catch (error) {
    deps.log.warn('cancelled run not tidied up', { runId: run.runId, error });
  }
}
