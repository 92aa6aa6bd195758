import type { WorkflowWaker } from '#core/approvals/approval';
import { describeFailure, failure } from '#core/failure';
import type { Gate, SlotStore } from '#core/limits/slots';
import type { Claimed, EngineDeps } from '#core/runs/execution';
import { FIRST_LOOK_MS } from '#core/runs/open-run';
import { isFinal, type Run, type RunRef } from '#core/runs/run';
import { type AnnounceEnd, endedRun, endWithout } from '#core/runs/run-ending';
import { enter, gatesOf, leave, leaveIfOver, noteEnding } from '#core/runs/run-gates';
import type { RunQueue } from '#core/runs/run-queue';
import { type Directive, runSteps } from '#core/steps/run-steps';

/** Claims without a checkpoint at which a run is given up: it keeps killing its worker. */
export const MAX_CLAIMS = 3;

/** Store faults without a checkpoint at which a run is given up: this one will not pass by itself. */
const MAX_FAULTS = 20;

/** What executing runs takes. */
export type WorkerDeps = EngineDeps & {
  readonly queue: RunQueue;
  /** Lets state machines go on that wait for a slot. */
  readonly workflow: WorkflowWaker;
  readonly slots: SlotStore;
  readonly announce: AnnounceEnd;
  /** A name that no other invocation has. */
  readonly newOwner: () => string;
};

/** What came of an attempt to execute a run. */
export type TakenUp =
  | Directive
  /** Somebody else has it, or its wait is not over: `until` says when, in epoch milliseconds. */
  | { readonly next: 'held'; readonly until?: number }
  /** As many runs as may be are executed: it is called when its turn comes. */
  | { readonly next: 'parked'; readonly gate: Gate };

/** How a run comes to its worker. */
export type Arrival = {
  /** Whether it has its slots already. */
  readonly hasSlots: boolean;
};

/**
 * Claims a run and executes it as far as it comes. Two workers that take up the same run never both
 * execute it, and one that is over stays so.
 *
 * @param msLeft milliseconds that the invocation still has
 * @throws whatever the stores throw, after giving the claim back: the caller tries again.
 */
export async function takeUp(
  ref: RunRef,
  deps: WorkerDeps,
  msLeft: () => number,
  { hasSlots }: Arrival = { hasSlots: false },
): Promise<TakenUp> {
  const now = deps.clock.now();
  const lookBy = new Date(now + FIRST_LOOK_MS).toISOString();
  const at = new Date(now).toISOString();
  const claimed = await deps.runs.claim(ref, deps.newOwner(), at, lookBy);
  if (claimed.outcome !== 'claimed') {
    deps.log.info('nothing to do', { runId: ref.runId, outcome: claimed.outcome });
    if (claimed.outcome === 'over') await announceOver(ref, deps);
    if (claimed.outcome !== 'held') return { next: 'stop' };
    return { next: 'held', ...(claimed.until !== undefined && { until: claimed.until }) };
  }
  const { run } = claimed;
  const gates = await gatesOf(run, deps);
  const noting = noteEnding(deps.runs);
  const to = { ...claimed, at: now, gates: hasSlots ? [] : gates };
  const directive = await execute(to, { ...deps, runs: noting.runs }, msLeft);
  if (directive.next === 'stop') await leaveIfOver(ref, gates, deps);
  else if (!KEEPING.has(directive.next)) await leave(ref, gates, noting.settled(), deps);
  const ending = noting.ending();
  if (ending) await deps.announce(endedRun(run, ending));
  return directive;
}

/** Whoever ended it may have been cut off before it was told. */
async function announceOver(ref: RunRef, deps: WorkerDeps): Promise<void> {
  const run = await deps.runs.find(ref);
  if (run !== undefined && isFinal(run.status)) await deps.announce(run);
}

/** A run that goes on at once keeps its slots; one that is parked has none. */
const KEEPING: ReadonlySet<TakenUp['next']> = new Set(['continue', 'parked']);

async function execute(
  claimed: Claimed & {
    /** Those that it has yet to pass. */
    readonly gates: readonly Gate[];
  },
  deps: WorkerDeps,
  msLeft: () => number,
): Promise<TakenUp> {
  const { run, gates } = claimed;
  if (run.cancelRequestedAt !== undefined) {
    await endWithout(claimed, deps, { status: 'cancelled' });
    return { next: 'done', status: 'cancelled' };
  }
  const hopeless = whyHopeless(run);
  if (hopeless !== undefined) {
    await deps.queue.bury(run);
    await endWithout(claimed, deps, { status: 'failed', error: hopeless });
    return { next: 'done', status: 'failed' };
  }
  const entered = await enter(claimed, gates, deps);
  if (entered.entry === 'parked') return { next: 'parked', gate: entered.gate };
  if (entered.entry === 'over') return { next: 'done', status: 'failed' };
  return runOrRelease(claimed, deps, msLeft);
}

function whyHopeless({ faults, claims }: Run) {
  if (faults >= MAX_FAULTS) return describeFailure(undefined);
  if (claims < MAX_CLAIMS) return undefined;
  return failure(
    'worker_crashed',
    `The worker stopped ${claims - 1} times while it ran the same step, so the run was given up. Its step may have acted; check the other side before you replay it.`,
  );
}

async function runOrRelease(
  claimed: Claimed,
  deps: WorkerDeps,
  msLeft: () => number,
): Promise<Directive> {
  try {
    return await runSteps(claimed, deps, msLeft);
  } catch (error) {
    // Best effort: without it the sweeper frees the run, only later.
    const { workedMs } = claimed.run;
    const left = { workedMs, isFault: true, records: [] };
    await deps.runs.release(claimed.claim, left).catch(() => undefined);
    throw error;
  }
}
