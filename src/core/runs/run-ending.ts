import type { Clock } from '#core/ports';
import { writeItems } from '#core/runs/checkpoints';
import type { EngineDeps, Execution } from '#core/runs/execution';
import type { Claim, Failure, Run } from '#core/runs/run';
import { type CountDeps, settle, usedByRun } from '#core/runs/run-cost';
import { type Ended, recordEnd } from '#core/runs/run-metrics';
import type { RunEnding } from '#core/runs/run-store';

/** Most bytes of log lines that are written into the run's own item when it ends. */
const LOG_TAIL_BYTES = 2_048;

const DAY_SECONDS = 86_400;

/** How a run that was started may end. */
export type Outcome =
  | { readonly status: 'success' }
  | { readonly status: 'failed'; readonly error: Failure }
  /** Stopped by somebody; `error` says why when it was in an approval. */
  | { readonly status: 'cancelled'; readonly error?: Failure };

/**
 * Tells those outside of a run that it is over. A run may be told more than once, and is told again
 * until this does not throw.
 */
export type AnnounceEnd = (run: Run) => Promise<void>;

/** Tells several, each of them at least once. */
export function tellAll(...tellers: readonly AnnounceEnd[]): AnnounceEnd {
  return async (run) => {
    await Promise.all(tellers.map((tell) => tell(run)));
  };
}

/** What ending a run takes. */
export type EndDeps = Pick<EngineDeps, 'runs' | 'clock' | 'log' | 'metrics' | 'catalog'>;

/** Writes the end of a run together with what has not been written yet. */
export async function finishRun(execution: Execution, outcome: Outcome): Promise<void> {
  const { deps, claim, run, log, summary, records } = execution;
  log.add(outcome.status === 'failed' ? 'error' : 'info', null, endingLine(outcome));
  await writeItems(execution);
  let logTail = log.take();
  if (JSON.stringify(logTail).length > LOG_TAIL_BYTES) {
    execution.logParts += 1;
    await deps.runs.appendLog(claim, execution.logParts, logTail);
    logTail = [];
  }
  const { credits, costUsd } = await usedByRun(claim, records, deps);
  const settled = settle(credits, execution.creditsReserved);
  await deps.runs.finish(claim, {
    ...endingOf(run, outcome, deps.clock),
    logTail,
    credits: settled,
    costUsd,
    scattered: isScattered(execution),
    ...(summary !== undefined && { outputSummary: summary }),
    records: execution.pending.get('') ?? [],
  });
  const { status } = outcome;
  const ended = { status, charged: settled.charged };
  recordEnd(deps.metrics, run, ended, records.values(), deps.clock.now());
  deps.log.info('run finished', { runId: claim.runId, agentId: run.agentId, status });
}

/** Ends a run that cannot execute a step, or must not. */
export async function endWithout(
  { claim, run }: { readonly claim: Claim; readonly run: Run },
  deps: EndDeps,
  outcome: Outcome,
): Promise<void> {
  const ending = await wholeEnding(run, outcome, deps);
  await deps.runs.finish(claim, ending);
  noteEnd(run, { status: outcome.status, charged: ending.credits.charged }, deps);
}

/** The end of a run that is written without having executed any of it. */
export async function wholeEnding(
  run: Run,
  outcome: Outcome,
  deps: CountDeps & Pick<EndDeps, 'clock'>,
): Promise<RunEnding> {
  const ending = endingOf(run, outcome, deps.clock);
  const used = await usedByRun(run, new Map(Object.entries(run.steps)), deps);
  const credits = settle(used.credits, run.creditsReserved);
  const level = outcome.status === 'failed' ? ('error' as const) : ('info' as const);
  const line = { at: ending.finishedAt, level, step: null, message: endingLine(outcome) };
  const { costUsd } = used;
  return { ...ending, logTail: [line], credits, costUsd, scattered: true, records: [] };
}

/** A run as it is once its end is written. */
export function endedRun(run: Run, ending: RunEnding): Run {
  const { status, finishedAt, error, credits, costUsd } = ending;
  const ended = { ...run, status, finishedAt, creditsCharged: credits.charged, costUsd };
  return error === undefined ? ended : { ...ended, error };
}

/** Tells operators of a run that ended without a worker. */
export function noteEnd(
  run: Run,
  ended: Ended,
  { metrics, clock, log }: Pick<EngineDeps, 'clock' | 'log' | 'metrics'>,
): void {
  recordEnd(metrics, run, ended, Object.values(run.steps), clock.now());
  const { status } = ended;
  log.warn('run finished', { runId: run.runId, agentId: run.agentId, status });
}

function endingOf(run: Run, outcome: Outcome, clock: Clock) {
  return {
    status: outcome.status,
    finishedAt: new Date(clock.now()).toISOString(),
    expiresAt: Math.floor(clock.now() / 1_000) + run.retentionDays * DAY_SECONDS,
    ...('error' in outcome && outcome.error && { error: outcome.error }),
  };
}

function endingLine(outcome: Outcome): string {
  if (outcome.status === 'failed') return `Run failed: ${outcome.error.message}`;
  return outcome.status === 'success' ? 'Run succeeded.' : 'Run cancelled.';
}

/** An earlier invocation may have left log lines behind, so only a first one can know. */
function isScattered({ claim, logParts, records, run }: Execution): boolean {
  if (claim.epoch > 1 || logParts > 0) return true;
  const states = [...records.values()];
  if (states.some(({ type }) => type === 'for_each')) return true;
  const payloads = [run.trigger, ...states.flatMap((one) => [one.input, one.output])];
  return payloads.some((payload) => payload?.kind === 'item');
}
