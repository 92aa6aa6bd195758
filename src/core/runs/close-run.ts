import type { ApprovalStore } from '#core/approvals/approval';
import { withdrawApprovals } from '#core/approvals/decide-approval';
import type { Failure, RunRef } from '#core/runs/run';
import { isFinal } from '#core/runs/run';
import {
  type AnnounceEnd,
  type EndDeps,
  endedRun,
  noteEnd,
  wholeEnding,
} from '#core/runs/run-ending';
import { type LeaveDeps, leaveUnclaimed } from '#core/runs/run-gates';

/** How often a run that moves meanwhile is read again. */
const TRIES = 5;

/** What closing a run takes. */
export type CloseDeps = EndDeps &
  LeaveDeps & {
    readonly approvals: ApprovalStore;
    readonly announce: AnnounceEnd;
  };

/**
 * Fails a run that nothing will carry on, unless it is over. Whoever executes it loses it: the step
 * in flight ends, and nothing after it starts. Doing it again changes nothing.
 */
export async function closeRun(ref: RunRef, error: Failure, deps: CloseDeps): Promise<void> {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const run = await deps.runs.find(ref);
    if (run === undefined) return;
    // It may have been cut off before it was told.
    if (isFinal(run.status)) return deps.announce(run);
    const outcome = { status: 'failed', error } as const;
    const ending = await wholeEnding(run, outcome, deps);
    if (await deps.runs.close(run, ending)) {
      noteEnd(run, { ...outcome, charged: ending.credits.charged }, deps);
      // A worker that has it finds out by itself, and gives the slots back then.
      if (run.claim === undefined) await leaveUnclaimed(run, deps);
      await deps.announce(endedRun(run, ending));
      await withdrawApprovals(ref, deps);
      return;
    }
  }
  throw new Error('The run kept moving while it was to be closed.');
}
