import type { ActionStep } from '#core/agents/agent';
import { askApproval, refused, requiredBy } from '#core/approvals/ask-approval';
import { failure } from '#core/failure';
import { note, settle } from '#core/runs/checkpoints';
import {
  askedBefore,
  type BlockEnd,
  type Execution,
  type Frame,
  refusedBefore,
  type StepPlace,
  type Stepped,
  storedWith,
} from '#core/runs/execution';
import { type Failure, isOver, type StepRecord } from '#core/runs/run';
import { attemptStep } from '#core/steps/attempt-step';
import { runBranch, runDelay, whenSkips } from '#core/steps/control-flow';
import { runLoop } from '#core/steps/loop';
import { approvalPath } from '#core/steps/step-path';

/** Time that an invocation keeps for its last writes, in milliseconds. */
const RESERVE_MS = 10_000;

/** Most bytes that all states may take in one item, which may have 400 KB in all. */
const MOST_RECORD_BYTES = 300_000;

/** Runs a list of steps from its first one that is not over. */
export async function walk(
  steps: readonly ActionStep[],
  frame: Frame,
  execution: Execution,
): Promise<BlockEnd> {
  let last: StepRecord | undefined;
  for (const [index, step] of steps.entries()) {
    const path = `${frame.prefix}${index}`;
    let record = execution.records.get(path);
    if (record === undefined || !isOver(record)) {
      const limit = reachedLimit(path, execution);
      if (limit !== undefined) return { next: 'end', error: limit };
      if (frame.isHalted()) return { next: 'continue' };
      const stepped = await runStep({ step, path, list: steps, index, frame }, execution);
      if (stepped.record === undefined) return stepped.pause;
      record = stepped.record;
      note(record, execution);
      if (stepped.pause) return stepped.pause;
    }
    if (record.error !== undefined && step.on_error === 'fail') {
      return { next: 'end', error: record.error };
    }
    if (record.status !== 'skipped') last = record;
  }
  // A step that was cut short by the run's limit must not pass for one that merely failed.
  const limit = last?.status === 'failed' ? reachedLimit(last.path, execution) : undefined;
  return { next: 'end', ...(limit && { error: limit }), ...(last && { last }) };
}

/** What ends a run whatever its steps say: its time, or the room that its states may take. */
function reachedLimit(path: string, execution: Execution): Failure | undefined {
  const { deps, deadline, version } = execution;
  if (deps.clock.now() >= deadline) {
    const seconds = version.settings.max_run_seconds;
    return failure(
      'run_timeout',
      `The run reached its limit of ${seconds} s (settings.max_run_seconds).`,
    );
  }
  let bytes = 0;
  for (const record of storedWith(path, execution)) {
    bytes += Buffer.byteLength(JSON.stringify(record));
  }
  if (bytes <= MOST_RECORD_BYTES) return undefined;
  return failure(
    'run_too_large',
    'The results of the steps so far take more than a run can hold. Use fewer steps, or steps with shorter errors.',
  );
}

/** Takes one step as far as it comes: to its end, or to where the run must be left. */
async function runStep(at: StepPlace, execution: Execution): Promise<Stepped> {
  const { step, path } = at;
  const skipped = await whenSkips(at, execution);
  if (skipped !== undefined) return { record: skipped };
  const refusal = refusedBefore(path, execution);
  if (refusal !== undefined) return { record: refused(at, refusal, execution) };
  if (await needsApproval(at, execution)) {
    const asked = await askApproval(
      { ...at, path: approvalPath(path) },
      await requiredBy(at, execution),
      execution,
    );
    if (asked.record === undefined) return asked;
    note(asked.record, execution);
    if (asked.pause) return { pause: asked.pause };
    if (asked.record.error) return { record: refused(at, asked.record, execution) };
  }
  switch (step.type) {
    case 'approval':
      return askApproval(at, step.config, execution);
    case 'delay':
      return runDelay(at, execution);
    case 'branch':
      return runBranch(at, execution, walk);
    case 'for_each':
      return runLoop(at, execution, walk);
    default:
      return runAction(at, execution);
  }
}

/**
 * Whether a step has an approval of its own: as its definition says, because an earlier one could not
 * show it whole, or because it would use a connection in another state than the approved one.
 */
async function needsApproval({ step, path }: StepPlace, execution: Execution): Promise<boolean> {
  if (step.approval_required || execution.records.has(approvalPath(path))) return true;
  if (askedBefore(path, execution) !== undefined) return true;
  const { deps, claim, approved } = execution;
  for (const [id, version] of Object.entries(approved.get(path)?.covers.connections ?? {})) {
    const now = await deps.world.connections.version(claim.userId, id);
    if (now !== undefined && now.version !== version) return true;
  }
  return false;
}

async function runAction(at: StepPlace, execution: Execution): Promise<Stepped> {
  const { step, path, index, frame } = at;
  const known = execution.records.get(path);
  const due = Date.parse(known?.retryAt ?? '');
  // In a loop, the run may have been taken up for another item.
  if (known && due > execution.deps.clock.now()) {
    return { record: known, pause: { next: 'wait', kind: 'retry', until: due } };
  }
  await settle(path, execution);
  const { deps, deadline, progressed, msLeft } = execution;
  const needed = Math.min(step.timeout_seconds * 1_000, deadline - deps.clock.now());
  if (progressed && msLeft() < needed + RESERVE_MS) return { pause: { next: 'continue' } };
  const record = await attemptStep(step, path, index, frame, execution);
  execution.progressed = true;
  execution.summary = record.summary ?? execution.summary;
  if (record.retryAt === undefined) return { record };
  return { record, pause: { next: 'wait', kind: 'retry', until: Date.parse(record.retryAt) } };
}
