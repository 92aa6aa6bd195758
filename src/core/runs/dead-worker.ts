import type { Metrics } from '#core/metrics';
import type { Clock, Log } from '#core/ports';
import type { Run } from '#core/runs/run';
import type { RunStore } from '#core/runs/run-store';

/** Between two looks at one worker, in milliseconds. Three of its beats fit in it. */
export const LOOK_AGAIN_MS = 60_000;

/** What looking at workers takes. */
export type LookDeps = {
  readonly runs: Pick<RunStore, 'watch' | 'breakClaim'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
};

/**
 * Looks at the worker of a run, at any time. It is dead when its beat has not moved since an
 * earlier look, which must be {@link LOOK_AGAIN_MS} ago: then the run is freed.
 *
 * @returns whether this look has freed the run
 */
export async function freeIfDead(run: Run, deps: LookDeps): Promise<boolean> {
  const now = deps.clock.now();
  const lookAgain = new Date(now + LOOK_AGAIN_MS).toISOString();
  if (!hasStoodStill(run)) {
    await deps.runs.watch(run, lookAgain);
    return false;
  }
  if (now < Date.parse(run.dueAt ?? '')) return false;
  if (!(await deps.runs.breakClaim(run, lookAgain, true))) return false;
  deps.log.warn('worker died, run freed', { runId: run.runId, epoch: run.claim?.epoch });
  deps.metrics.record('Repair', 'sweep', { StuckRuns: 1 });
  return true;
}

function hasStoodStill({ claim, watched }: Run): boolean {
  return watched?.epoch === claim?.epoch && watched?.beat === claim?.beat;
}
