import type { ApprovalStore } from '#core/approval';
import { withdrawApprovals } from '#core/decide-approval';
import type { Failure, RunRef } from '#core/run';
import { isFinal } from '#core/run';
import { type EndDeps, noteEnd, wholeEnding } from '#core/run-ending';
import { type LeaveDeps, leaveUnclaimed } from '#core/run-gates';

/** How often a run that moves meanwhile is read again. */
const TRIES = 5;

/** What closing a run takes. */
export type CloseDeps = EndDeps &
  LeaveDeps & {
    readonly approvals: ApprovalStore;
  };

/**
 * Fails a run that nothing will carry on, unless it is over. Whoever executes it loses it: the step
 * in flight ends, and nothing after it starts. Doing it again changes nothing.
 */
export async function closeRun(ref: RunRef, error: Failure, deps: CloseDeps): Promise<void> {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const run = await deps.runs.find(ref);
    if (run === undefined || isFinal(run.status)) return;
    const outcome = { status: 'failed', error } as const;
    if (await deps.runs.close(run, await wholeEnding(run, outcome, deps))) {
      noteEnd(run, outcome, deps);
      // A worker that has it finds out by itself, and gives the slots back then.
      if (run.claim === undefined) await leaveUnclaimed(run, deps);
      await withdrawApprovals(ref, deps);
      return;
    }
  }
  throw new Error('The run kept moving while it was to be closed.');
}
