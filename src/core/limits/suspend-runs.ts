import type { SlotStore } from '#core/limits/slots';
import type { Clock } from '#core/ports';
import type { RunStore } from '#core/runs/run-store';

/** What suspending a user takes. */
export type SuspendDeps = {
  readonly clock: Clock;
  readonly slots: Pick<SlotStore, 'suspend'>;
  readonly runs: Pick<RunStore, 'find' | 'requestCancel'>;
};

/** Runs that are executed end before their next step, and others are not let in; or they are again. */
export async function suspendRuns(
  userId: string,
  isSuspended: boolean,
  deps: SuspendDeps,
): Promise<void> {
  const executed = await deps.slots.suspend(userId, isSuspended);
  if (!isSuspended) return;
  const at = new Date(deps.clock.now()).toISOString();
  for (const runId of executed) {
    const run = await deps.runs.find({ userId, runId });
    if (run) await deps.runs.requestCancel(run, at);
  }
}
