import { isRejection } from '#core/approvals/ask-approval';
import { ClaimLostError, RunCancelledError } from '#core/errors';
import { failure } from '#core/failure';
import { writeItems, writeLog } from '#core/runs/checkpoints';
import {
  type Claimed,
  type EngineDeps,
  type Execution,
  newExecution,
  type Pause,
} from '#core/runs/execution';
import type { Claim, FinalStatus, Run } from '#core/runs/run';
import { endWithout, finishRun, type Outcome } from '#core/runs/run-ending';
import { recordStart } from '#core/runs/run-metrics';
import { versionOf } from '#core/runs/run-version';
import { walk } from '#core/steps/walk';

/** What a worker does after {@link runSteps}. Times are epoch milliseconds. */
export type Directive =
  /** The run is over and says so. */
  | { readonly next: 'done'; readonly status: FinalStatus }
  /** Time is nearly up: another invocation goes on from the last checkpoint. */
  | { readonly next: 'continue' }
  /** Nothing to do before an instant: then another invocation goes on. */
  | { readonly next: 'wait'; readonly until: number }
  /** A person must decide before an instant: then another invocation goes on. */
  | { readonly next: 'await'; readonly until: number }
  /** Another worker owns the run now: do nothing more. */
  | { readonly next: 'stop' };

/** Most waits of one run: a loop that waits for ever must end, and long before history is full. */
export const MAX_WAITS = 1_000;

/**
 * Continues a run from its last checkpoint and writes each step's result before the next one
 * starts. A step that was in flight when a worker died runs again, with the same idempotency key.
 *
 * Faults of the stores are thrown; the caller gives the claim back and lets the queue try again.
 */
export async function runSteps(
  claimed: Claimed,
  deps: EngineDeps,
  msLeft: () => number,
): Promise<Directive> {
  const { claim, run } = claimed;
  const version = await versionOf(run, deps.agents);
  if (version === undefined) {
    const words = 'The agent of this run was deleted before it started.';
    const error = failure('definition_missing', words);
    await endWithout(claimed, deps, { status: 'failed', error });
    return { next: 'done', status: 'failed' };
  }
  const heart = startHeart(claim, deps);
  const execution = newExecution(claimed, version, deps, heart.lost, msLeft);
  try {
    if (claim.epoch === 1) {
      execution.log.add('info', null, startingLine(run));
      recordStart(deps.metrics, run, execution.startedAt);
    }
    return await unlessCancelled(execution, () => runAll(execution));
  } catch (error) {
    if (error instanceof ClaimLostError || heart.lost.aborted) return { next: 'stop' };
    throw error;
  } finally {
    heart.stop();
  }
}

function startingLine({ triggeredBy, replayOf }: Run): string {
  switch (triggeredBy) {
    case 'manual':
      return 'Run started by hand.';
    case 'schedule':
      return 'Run started by its schedule.';
    case 'webhook':
      return 'Run started by webhook.';
    case 'replay':
      return `Run started as a replay of ${replayOf}.`;
  }
}

async function runAll(execution: Execution): Promise<Directive> {
  const { actions } = execution.version;
  const end = await walk(actions, { prefix: '', isHalted: () => false }, execution);
  if (end.next !== 'end') return pause(execution, end);
  const { error } = end;
  if (error === undefined) return done(execution, { status: 'success' });
  // Who rejects stops the run: nothing has gone wrong.
  return done(execution, { status: isRejection(error) ? 'cancelled' : 'failed', error });
}

async function done(execution: Execution, outcome: Outcome): Promise<Directive> {
  await finishRun(execution, outcome);
  return { next: 'done', status: outcome.status };
}

/** A run that is to be cancelled ends with what it has done so far. */
async function unlessCancelled(
  execution: Execution,
  work: () => Promise<Directive>,
): Promise<Directive> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RunCancelledError)) throw error;
    return done(execution, { status: 'cancelled' });
  }
}

/** Gives the run up for now, with everything that the next invocation needs. */
async function pause(execution: Execution, directive: Pause): Promise<Directive> {
  const { deps, claim, run, pending } = execution;
  const waits = directive.next !== 'continue';
  if (waits && run.waits >= MAX_WAITS) {
    const words = `The run has waited ${MAX_WAITS} times, which is the most. Use fewer waits or longer ones.`;
    return done(execution, { status: 'failed', error: failure('too_many_waits', words) });
  }
  await writeItems(execution);
  await writeLog(execution);
  await deps.runs.release(claim, {
    workedMs: run.workedMs + deps.clock.now() - execution.startedAt,
    records: pending.get('') ?? [],
    ...(waits && {
      waitingFor: waitingFor(directive),
      dueAt: new Date(deps.pausesFor(directive, deps.clock.now())).toISOString(),
    }),
  });
  return directive;
}

function waitingFor(directive: Exclude<Pause, { next: 'continue' }>) {
  if (directive.next === 'await') return 'approval';
  return { kind: directive.kind, until: new Date(directive.until).toISOString() };
}

/** Keeps saying that this worker is alive; `lost` fires when the claim has gone to another one. */
function startHeart(claim: Claim, deps: EngineDeps): { lost: AbortSignal; stop: () => void } {
  const controller = new AbortController();
  let beat = 0;
  const timer = setInterval(() => {
    beat += 1;
    deps.runs.renew(claim, beat).catch((error: unknown) => {
      if (error instanceof ClaimLostError) controller.abort(error);
      else deps.log.warn('claim not renewed', { runId: claim.runId, error });
    });
  }, deps.beatEveryMs);
  return { lost: controller.signal, stop: () => clearInterval(timer) };
}
