import type { Action, ActionResult } from '#core/action';
import type { ActionStep } from '#core/agents/agent';
import type { Connection } from '#core/connections/connection';
import {
  ActionRejectedError,
  ActionUnavailableError,
  AppError,
  ClaimLostError,
  RunCancelledError,
  RunTimeoutError,
  StoreFaultError,
} from '#core/errors';
import { describeFailure } from '#core/failure';
import type { Payload } from '#core/payload';
import { type Execution, type Frame, usedRoom } from '#core/runs/execution';
import type { FailedAttempt, StepRecord } from '#core/runs/run';
import { boundedWorld } from '#core/steps/bounded-world';
import { checkedConfig } from '#core/steps/checked-config';
import { retryDelayMs } from '#core/steps/retry';
import { type StepMeter, stepMeter } from '#core/steps/step-meter';
import { stepScope } from '#core/steps/step-scope';
import { resolveTemplates } from '#core/templates/templates';

/** Most bytes of JSON inside the run's own item: it is written again at every checkpoint. */
const ROOM_BYTES = 16 * 1_024;

/** An expected outcome, either way. */
type Tried<Value> = { readonly value: Value } | { readonly error: unknown };

/** One attempt at one step. */
type Attempt = {
  readonly step: ActionStep;
  readonly path: string;
  /** 1 for the first try. */
  readonly number: number;
  /** The attempts before this one. */
  readonly failures: readonly FailedAttempt[];
  /** Epoch milliseconds at which the step was first tried. */
  readonly startedAt: number;
};

/**
 * Executes one step once and gives its state as it is to be stored. What an action throws becomes
 * a failed result, or a wait for the next attempt; only faults of our own stores, and a lost claim,
 * are thrown.
 */
export async function attemptStep(
  step: ActionStep,
  path: string,
  index: number,
  frame: Frame,
  execution: Execution,
): Promise<StepRecord> {
  const { clock } = execution.deps;
  const earlier = execution.records.get(path);
  const startedAt = earlier ? Date.parse(earlier.startedAt) : clock.now();
  const failures = earlier?.failures ?? [];
  const attempt = { step, path, number: failures.length + 1, failures, startedAt };
  const outline = { path, index, id: step.id, type: step.type, attempts: attempt.number };

  const config = await tryResolve(step, path, frame, execution);
  if ('error' in config) return { ...outline, ...failed(config.error, attempt, execution) };
  const limit = timeLimit(step, execution);
  const begun = () => ({
    ...outline,
    status: 'running' as const,
    ...times(startedAt, clock.now()),
    ...(failures.length > 0 && { failures }),
  });
  const meter = stepMeter(earlier, begun, limit.signal, execution);
  const acted = await tryAct(step, path, config.value, { limit, meter }, execution);
  // Only now is it known which secrets must not be kept.
  const shown = execution.masker.masked(config.value);
  const input = await keep(shown, path, 'input', execution);
  if ('error' in acted) {
    const answer = answerOf(acted.error);
    const hasAnswer = answer !== undefined;
    const output = hasAnswer ? await keep(answer, path, 'output', execution) : undefined;
    return meter.on({
      ...outline,
      input,
      ...(output && { output }),
      ...failed(acted.error, attempt, execution),
    });
  }

  const { output, summary } = acted.value;
  execution.outputs.set(path, output);
  const kept = await keep(output, path, 'output', execution);
  const finishedAt = clock.now();
  execution.log.add('info', path, `${summary} (${finishedAt - startedAt} ms)`);
  const tried = failures.length > 0 && { failures };
  return meter.on({
    ...outline,
    status: 'success',
    ...times(startedAt, finishedAt),
    input,
    output: kept,
    ...tried,
    summary,
  });
}

/** What the other side answered to an attempt that failed, if it did. */
function answerOf(error: unknown): unknown {
  const answered = error instanceof ActionRejectedError || error instanceof ActionUnavailableError;
  return answered ? error.output : undefined;
}

/** What was approved is executed as it is. */
async function tryResolve(
  step: ActionStep,
  path: string,
  frame: Frame,
  execution: Execution,
): Promise<Tried<unknown>> {
  const { deps, claim, approved } = execution;
  const agreed = approved.get(path);
  if (agreed !== undefined) {
    return { value: JSON.parse(await deps.payloads.get(claim, agreed.covers.config)) };
  }
  const scope = await stepScope(step.config, frame, execution);
  try {
    const embed = deps.catalog.find(step.type)?.embed;
    return { value: resolveTemplates(step.config, scope, undefined, embed) };
  } catch (error) {
    return { error };
  }
}

async function tryAct(
  step: ActionStep,
  path: string,
  config: unknown,
  { limit, meter }: { readonly limit: TimeLimit; readonly meter: StepMeter },
  execution: Execution,
): Promise<Tried<ActionResult<unknown>>> {
  try {
    const action = execution.deps.catalog.find(step.type);
    if (action === undefined) {
      throw new ActionRejectedError(`There is no action type "${step.type}" any more.`);
    }
    const attempt = {
      path,
      config: checkedConfig(action.config, config),
      meter,
      signal: limit.signal,
    };
    const value = await act(action, attempt, execution);
    return { value: execution.masker.masked(value) };
  } catch (error) {
    execution.lost.throwIfAborted();
    if (isOfTheRun(error)) throw error;
    return { error: limit.signal.aborted ? limit.signal.reason : execution.masker.masked(error) };
  } finally {
    limit.clear();
  }
}

/** Not about this attempt: the run is to stop here, or its stores do not answer. */
function isOfTheRun(error: unknown): boolean {
  return [StoreFaultError, ClaimLostError, RunCancelledError].some((kind) => error instanceof kind);
}

/** The action's own work, given up at the limit even when the action does not listen. */
async function act(
  action: Action,
  {
    path,
    config,
    meter,
    signal,
  }: { path: string; config: unknown; meter: StepMeter; signal: AbortSignal },
  execution: Execution,
): Promise<ActionResult<unknown>> {
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  const { masker, claim, deps } = execution;
  const { connections, profiles: _, ...world } = boundedWorld(deps.world, execution.run, deps);
  const { userId } = claim;
  const work = action.run({
    config,
    ...world,
    connect: (id, kinds, scopes = []) =>
      connections
        .open(userId, id, kinds, { onSecret: masker.add, http: world.http, scopes })
        .then((opened) => asApproved(opened, path, execution))
        .catch((cause: unknown) => {
          if (cause instanceof AppError) throw cause;
          throw new StoreFaultError('The store of connections did not answer.', { cause });
        }),
    run: {
      userId,
      agentId: execution.run.agentId,
      runId: claim.runId,
      stepPath: path,
    },
    idempotencyKey: `${claim.runId}:${path}`,
    signal,
    spend: meter.spend,
    leftOf: meter.leftOf,
    reserveModel: meter.reserveModel,
    log: (level, message) => execution.log.add(level, path, masker.masked(message)),
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    await meter.settled();
  }
}

/** Refuses a connection that is not the one that was approved any more. */
function asApproved(opened: Connection, path: string, { approved }: Execution): Connection {
  const version = approved.get(path)?.covers.connections?.[opened.id];
  if (version === undefined || version === opened.version) return opened;
  throw new ActionRejectedError(
    `The connection "${opened.name}" was changed after this step had been approved (version ${version} was approved, now it is ${opened.version}), so the step was not executed. Replay the run from this step: the approval is asked for again.`,
  );
}

type TimeLimit = { readonly signal: AbortSignal; readonly clear: () => void };

/** Aborted at the step's time-out, at the end of the run's time, or when the claim is lost. */
function timeLimit(step: ActionStep, execution: Execution): TimeLimit {
  const runMs = execution.deadline - execution.deps.clock.now();
  const stepMs = step.timeout_seconds * 1_000;
  const seconds = execution.version.settings.max_run_seconds;
  const reason =
    runMs < stepMs
      ? new RunTimeoutError(`The run reached its limit of ${seconds} s (settings.max_run_seconds).`)
      : new ActionUnavailableError(
          `The step took longer than its ${step.timeout_seconds} s (timeout_seconds).`,
        );
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(reason), Math.max(0, Math.min(runMs, stepMs)));
  // Not AbortSignal.any: Node keeps such a signal, and all that listens to it, until one of its sources is aborted.
  const { lost } = execution;
  const onLost = () => controller.abort(lost.reason);
  lost.addEventListener('abort', onLost);
  if (lost.aborted) onLost();
  const clear = () => {
    clearTimeout(timer);
    lost.removeEventListener('abort', onLost);
  };
  return { signal: controller.signal, clear };
}

/** Keeps a value of a step wherever it fits. */
export async function keep(
  value: unknown,
  path: string,
  kind: 'input' | 'output' | 'approved',
  execution: Execution,
): Promise<Payload> {
  const room = ROOM_BYTES - usedRoom(path, execution);
  const json = JSON.stringify(value ?? null);
  return execution.deps.payloads.put(execution.claim, `${path}.${kind}`, json, room);
}

/** A failed attempt: the end of the step, or a wait for the next attempt. */
function failed(
  error: unknown,
  attempt: Attempt,
  execution: Execution,
): Omit<StepRecord, 'path' | 'index' | 'id' | 'type' | 'attempts' | 'input' | 'output'> {
  const { clock, log, random } = execution.deps;
  const { step, path, number } = attempt;
  const told = describeFailure(error);
  if (told.code === 'internal_error') {
    log.error('step failed unexpectedly', { runId: execution.claim.runId, stepPath: path, error });
  }
  const now = clock.now();
  const spans = times(attempt.startedAt, now);
  const policy = step.retry ?? execution.version.settings.retry;
  const delay = retryDelayMs(error, number, policy, random);
  if (delay === undefined) {
    execution.log.add('error', path, told.message);
    return { status: 'failed', ...spans, failures: attempt.failures, error: told };
  }
  const retryAt = new Date(now + delay).toISOString();
  const of = `attempt ${number} of ${policy.max_attempts}`;
  execution.log.add('warn', path, `${told.message} (${of}; the next one is due at ${retryAt})`);
  const failures = [...attempt.failures, { ...told, at: spans.finishedAt }];
  return { status: 'waiting', ...spans, failures, retryAt };
}

function times(startedAt: number, finishedAt: number): { startedAt: string; finishedAt: string } {
  return {
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: new Date(finishedAt).toISOString(),
  };
}
