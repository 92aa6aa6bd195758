import { type Execution, remember } from '#core/runs/execution';
import type { StepRecord } from '#core/runs/run';
import { itemOf } from '#core/steps/step-path';

/** Longest time for which log lines wait for their write while a run works, in milliseconds. */
const LOG_WAIT_MS = 2_000;

/** Most log lines that wait for their write; so many fit into one item, however long they are. */
const LOG_LINES = 50;

/** A worker may start steps on what it was told this long ago about its run, in milliseconds. */
export const ASKED_WITHIN_MS = 250;

/** Keeps a step's state in memory until the next write to the item that it belongs to. */
export function note(record: StepRecord, execution: Execution): void {
  remember(record, execution);
  const item = itemOf(record.path);
  const others = (execution.pending.get(item) ?? []).filter(({ path }) => path !== record.path);
  execution.pending.set(item, [...others, record]);
}

/**
 * Makes durable what has happened, so that the next step may start.
 *
 * @throws RunCancelledError, ClaimLostError when no further step may start
 */
export async function settle(path: string, execution: Execution): Promise<void> {
  const item = itemOf(path);
  const hasAsked = (await writePending(item, execution)) && item === '';
  if (!hasAsked) await throwIfHalted(execution);
}

/** Writes the states that wait for it in one item. @returns whether there were any */
export async function writePending(item: string, execution: Execution): Promise<boolean> {
  const { deps, claim, pending } = execution;
  const records = pending.get(item) ?? [];
  if (records.length === 0) return false;
  if (item === '') await deps.runs.checkpoint(claim, records);
  else await deps.runs.saveItem(claim, item, records);
  pending.delete(item);
  await countProgress(item, execution);
  const { clock } = deps;
  if (clock.now() - execution.loggedAt >= LOG_WAIT_MS || execution.log.waiting > LOG_LINES) {
    await writeLog(execution);
  }
  return true;
}

/** A run that comes on inside of a loop does not keep killing its worker at the same place. */
async function countProgress(item: string, execution: Execution): Promise<void> {
  if (item !== '' && !execution.progressKnown) {
    await execution.deps.runs.checkpoint(execution.claim, []);
  }
  execution.progressKnown = true;
}

/** Writes all states but those of the run's own item, which its next write takes with it. */
export async function writeItems(execution: Execution): Promise<void> {
  for (const item of [...execution.pending.keys()]) {
    if (item !== '') await writePending(item, execution);
  }
}

/** Writes the log lines that wait. */
export async function writeLog(execution: Execution): Promise<void> {
  const { deps, claim, log } = execution;
  execution.loggedAt = deps.clock.now();
  const lines = log.take();
  for (let first = 0; first < lines.length; first += LOG_LINES) {
    execution.logParts += 1;
    const part = lines.slice(first, first + LOG_LINES);
    await deps.runs.appendLog(claim, execution.logParts, part);
  }
}

/**
 * Writes to the run's own item find out by themselves; those of a loop's items do not touch it. All
 * items of a loop that are worked on at once share an answer, and none of them goes on before it.
 */
async function throwIfHalted(execution: Execution): Promise<void> {
  const { deps, claim, asked } = execution;
  const now = deps.clock.now();
  // However far a clock was set back, an answer is not good for longer.
  if (Math.abs(now - asked.at) >= ASKED_WITHIN_MS) {
    execution.asked = { at: now, answer: deps.runs.check(claim) };
  }
  await execution.asked.answer;
}
