import type { WorkflowWaker } from '#core/approvals/approval';
import type { CarryDirective } from '#core/runs/carry-directive';
import type { RunRef } from '#core/runs/run';

/** What carries runs of several steps, and waits for them at no cost. It knows runs by their ids. */
export type Workflow = WorkflowWaker & {
  /**
   * Starts to carry a run, unless that was done before.
   *
   * @param begin what is to be done first, where some of the run has been executed
   * @returns `ended` when it was carried before, and is not any more
   */
  start(ref: RunRef, begin?: CarryDirective): Promise<'carried' | 'ended'>;
  /** Stops carrying it. Resolves also when nothing carries it. */
  stop(ref: RunRef, reason: string): Promise<void>;
};
