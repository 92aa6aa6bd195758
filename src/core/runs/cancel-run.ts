import { withdrawApprovals } from '#core/approvals/decide-approval';
import { notFound, RequestError } from '#core/errors';
import type { Workflow } from '#core/ports';
import type { CloseDeps } from '#core/runs/close-run';
import { isFinal, type Run, type RunRef, type RunStatus } from '#core/runs/run';
import { endedRun, noteEnd, wholeEnding } from '#core/runs/run-ending';
import { leaveUnclaimed } from '#core/runs/run-gates';

/** How often a run that moves meanwhile is read again. */
const TRIES = 5;

/** What cancelling takes. */
export type CancelDeps = CloseDeps & { readonly workflow: Pick<Workflow, 'stop' | 'wake'> };

/**
 * Cancels a run. One that nobody works on is over at once; otherwise the step in flight ends, and
 * nothing after it starts. Either way the run will end as cancelled.
 *
 * @returns the run's status now
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
    const outcome = { status: 'cancelled' } as const;
    const ending = await wholeEnding(run, outcome, deps);
    if (await deps.runs.close(run, ending)) {
      noteEnd(run, { ...outcome, charged: ending.credits.charged }, deps);
      await announceOrLeave(endedRun(run, ending), deps);
      await tidyUp(run, deps);
      return 'cancelled';
    }
  }
  throw new RequestError('unavailable', 'The run kept moving. Try again.', {
    retryAfterSeconds: 1,
  });
}

/** Its message, or its execution, comes back and tells it then. */
async function announceOrLeave(run: Run, deps: CancelDeps): Promise<void> {
  try {
    await deps.announce(run);
  } catch (error) {
    deps.log.warn('cancelled run not announced yet', { runId: run.runId, error });
  }
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
