import * as z from 'zod';
import type { ActionStep } from '#core/agents/agent';
import { ActionRejectedError, InsufficientCreditsError } from '#core/errors';
import { failure } from '#core/failure';
import { counted, reserveCredits } from '#core/limits/reserve-credits';
import type { Payload } from '#core/payload';
import { note, settle, writePending } from '#core/runs/checkpoints';
import {
  type Execution,
  type Frame,
  type Pause,
  remember,
  type StepPlace,
  type Stepped,
  storedWith,
  type Walk,
} from '#core/runs/execution';
import { type Failure, isOver, type StepRecord } from '#core/runs/run';
import { mostCredits, sumOf, type Used, usedBy, usedInside, usedState } from '#core/runs/run-cost';
import { keep } from '#core/steps/attempt-step';
import { failedState, resolveConfig, stateOf } from '#core/steps/control-records';
import { ForEachConfig } from '#core/steps/control-steps';
import { nestedLists } from '#core/steps/step-tree';

/** Most bytes of JSON that the outputs of a loop may take together. */
const MOST_OUTPUT_BYTES = 4 * 1_024 * 1_024;

/** A loop's own config, its list not yet looked at. */
const ResolvedLoop = ForEachConfig.omit({ actions: true }).extend({ items: z.unknown() });

/** Its last output, where anything ran, and what its steps used. */
type ItemResult = { readonly output: Payload | undefined; readonly used: Used };

/** What is known of a loop while it is worked on. */
type Loop = {
  readonly at: StepPlace;
  /** Credits that were reserved for all items. */
  readonly reserved: number | undefined;
  readonly items: readonly unknown[];
  /** What came of each item, by place. */
  readonly results: Map<number, ItemResult>;
  readonly pauses: Pause[];
  failed: { readonly index: number; readonly error: Failure } | undefined;
};

/**
 * Runs a list of steps once for each item. Each item's steps are stored beside the run, so that the
 * cost of a checkpoint does not grow with the loop. With a concurrency of n, at most n items have
 * begun and are not over; what waits does not keep the others from going on.
 */
export async function runLoop(at: StepPlace, execution: Execution, walk: Walk): Promise<Stepped> {
  const known = execution.records.get(at.path);
  const startedAt = known ? Date.parse(known.startedAt) : execution.deps.clock.now();
  let config: Awaited<ReturnType<typeof loopConfig>>;
  try {
    config = await loopConfig(at, execution);
  } catch (error) {
    return { record: failedState(at, startedAt, error, execution) };
  }
  let reserved = known?.creditsReserved;
  try {
    reserved ??= await reserveFor(at, config.items, startedAt, execution);
  } catch (error) {
    if (!(error instanceof InsufficientCreditsError)) throw error;
    return { record: failedState(at, startedAt, error, execution) };
  }
  // What ran before must be durable before any item starts.
  await settle(at.path, execution);
  const { items } = config;
  const loop: Loop = { at, reserved, items, results: new Map(), pauses: [], failed: undefined };
  const first = known?.itemsDone ?? 0;
  // What the last item's approval showed of the next one is executed as it was shown.
  if (execution.claim.epoch > 1) await recall(at.path, Math.max(0, first - 1), execution);
  await workOn(loop, first, config.concurrency, execution, walk);
  if (loop.failed !== undefined) return { record: await failedLoop(loop, startedAt, execution) };
  const pause = nextPause(loop.pauses);
  if (pause !== undefined) {
    const itemsDone = leading(loop, first);
    return { record: runningLoop(at, startedAt, { itemsDone, reserved }, execution), pause };
  }
  return { record: await finishedLoop(loop, startedAt, execution) };
}

async function loopConfig(at: StepPlace, execution: Execution) {
  const { actions: _, ...own } = at.step.config as ForEachConfig;
  const config = await resolveConfig(at, own, ResolvedLoop, execution);
  const { items, max_items } = config;
  if (!Array.isArray(items)) {
    throw new ActionRejectedError(
      'items must give a list. A placeholder alone in its text keeps the type of its value.',
    );
  }
  if (items.length > max_items) {
    throw new ActionRejectedError(
      `The list has ${items.length} items, more than max_items (${max_items}). Raise it, or hand over fewer.`,
    );
  }
  return { ...config, items };
}

/** @returns the credits that the items may cost, once they are reserved */
async function reserveFor(
  at: StepPlace,
  items: readonly unknown[],
  startedAt: number,
  execution: Execution,
): Promise<number | undefined> {
  const each = mostCredits(bodyOf(at.step), execution.deps.catalog);
  const credits = items.length * each;
  if (credits === 0) return undefined;
  const record = runningLoop(at, startedAt, { itemsDone: 0, reserved: credits }, execution);
  const told = items.length === 1 ? 'The 1 item' : `The ${items.length} items`;
  await reserveCredits(record, `${told} of this loop`, execution);
  execution.log.add('info', at.path, `Reserved ${counted(credits)} for ${items.length} items.`);
  return credits;
}

function runningLoop(
  at: StepPlace,
  startedAt: number,
  { itemsDone, reserved }: { readonly itemsDone: number; readonly reserved: number | undefined },
  execution: Execution,
): StepRecord {
  const held = reserved !== undefined && { creditsReserved: reserved };
  return stateOf(at, startedAt, { status: 'running', itemsDone, ...held }, execution);
}

/** Reads what earlier invocations have done. */
async function recall(path: string, first: number, execution: Execution): Promise<void> {
  const { runs } = execution.deps;
  for (const record of await runs.readItems(execution.claim, path, first)) {
    if (!execution.records.has(record.path)) remember(record, execution);
  }
}

async function workOn(
  loop: Loop,
  first: number,
  concurrency: number,
  execution: Execution,
  walk: Walk,
): Promise<void> {
  let next = first;
  let stopped = loop.at.frame.isHalted;
  const lane = async (): Promise<void> => {
    while (next < loop.items.length && loop.failed === undefined && !stopped()) {
      const index = next;
      next += 1;
      try {
        const pause = await runItem(
          loop,
          index,
          () => loop.failed !== undefined || stopped(),
          execution,
          walk,
        );
        if (pause === undefined) continue;
        loop.pauses.push(pause);
        if (pause.next === 'continue') stopped = () => true;
      } catch (error) {
        stopped = () => true;
        throw error;
      }
      // What waits keeps its lane, so that no more items are open than may be.
      return;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: concurrency }, lane));
  const broken = ends.find((end) => end.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
  if (loop.failed === undefined && loop.pauses.length === 0 && next < loop.items.length) {
    loop.pauses.push({ next: 'continue' });
  }
}

/** @returns why the item is not over, if it is not */
async function runItem(
  loop: Loop,
  index: number,
  isHalted: () => boolean,
  execution: Execution,
  walk: Walk,
): Promise<Pause | undefined> {
  const { at, results } = loop;
  const path = `${at.path}[${index}]`;
  const known = execution.records.get(path);
  if (known !== undefined && isOver(known)) {
    results.set(index, resultOf(known));
    forget(path, execution);
    return undefined;
  }
  const startedAt = execution.deps.clock.now();
  const end = await walk(bodyOf(at.step), frameOf(loop, index, isHalted), execution);
  if (end.next !== 'end') return end;
  if (end.error !== undefined) {
    loop.failed ??= { index, error: end.error };
    await writePending(path, execution);
    return undefined;
  }
  const output = end.last?.output;
  const used = usedBy(storedWith(`${path}.`, execution), execution.deps.catalog);
  const state = { status: 'success' as const, ...(output && { output }), ...usedState(used) };
  note(stateOf({ ...at, path, index }, startedAt, state, execution), execution);
  await writePending(path, execution);
  results.set(index, { output, used });
  forget(path, execution);
  return undefined;
}

function bodyOf(step: ActionStep): readonly ActionStep[] {
  return nestedLists(step)[0]?.steps ?? [];
}

/** Behind an item's steps come those for the next item, and what follows the loop behind the last. */
function frameOf(loop: Loop, index: number, isHalted: () => boolean): Frame {
  const { at, items } = loop;
  return {
    prefix: `${at.path}[${index}].`,
    item: { item: items[index], index },
    isHalted,
    get after() {
      const next = index + 1;
      if (next === items.length) return { list: at.list, first: at.index + 1, frame: at.frame };
      return { list: bodyOf(at.step), first: 0, frame: frameOf(loop, next, isHalted) };
    },
  };
}

function resultOf({ output, credits = 0, costUsd = 0 }: StepRecord): ItemResult {
  return { output, used: { credits, costUsd } };
}

/** An item that is over is only needed for its result. */
function forget(itemPath: string, { records, outputs }: Execution): void {
  for (const known of [records, outputs]) {
    for (const path of known.keys()) {
      if (path === itemPath || path.startsWith(`${itemPath}.`)) known.delete(path);
    }
  }
}

/** How many of the first items are over. */
function leading({ results, items }: Loop, first: number): number {
  let done = first;
  while (done < items.length && results.has(done)) done += 1;
  return done;
}

/** The pause that lets the run go on first. */
function nextPause(pauses: readonly Pause[]): Pause | undefined {
  const timed = pauses.flatMap((pause) => (pause.next === 'wait' ? pause : []));
  const [earliest] = timed.toSorted((a, b) => a.until - b.until);
  return pauses.find((pause) => pause.next !== 'wait') ?? earliest;
}

async function failedLoop(
  loop: Loop,
  startedAt: number,
  execution: Execution,
): Promise<StepRecord> {
  const { at, failed } = loop;
  const { index = 0, error } = failed ?? {};
  const told = failure(error?.code ?? '', `Item ${index + 1}: ${error?.message}`);
  execution.log.add('error', at.path, told.message);
  const used = await usedInside(execution.claim, at.path, execution.records, execution.deps);
  const state = { status: 'failed' as const, error: told, ...usedState(used) };
  return stateOf(at, startedAt, state, execution);
}

async function finishedLoop(
  loop: Loop,
  startedAt: number,
  execution: Execution,
): Promise<StepRecord> {
  const { deps, claim } = execution;
  const { at, items, results } = loop;
  if (results.size < items.length) {
    // Items of earlier invocations, which this one had no need to look at.
    for (const record of await deps.runs.readItems(claim, at.path, 0)) {
      const index = itemIndex(at.path, record.path);
      if (index !== undefined) results.set(index, resultOf(record));
    }
  }
  const used = usedState(sumOf([...results.values()].map((result) => result.used)));
  const texts: string[] = [];
  let bytes = 2;
  for (const index of items.keys()) {
    const result = results.get(index)?.output;
    const text = result ? await deps.payloads.get(claim, result) : 'null';
    bytes += Buffer.byteLength(text) + 1;
    if (bytes > MOST_OUTPUT_BYTES) {
      return { ...failedState(at, startedAt, tooMuch(), execution), ...used };
    }
    texts.push(text);
  }
  const input = await keep({ items }, at.path, 'input', execution);
  const output = await keep(JSON.parse(`[${texts.join(',')}]`), at.path, 'output', execution);
  const summary = `${items.length} ${items.length === 1 ? 'item' : 'items'} done.`;
  execution.log.add('info', at.path, summary);
  return stateOf(at, startedAt, { status: 'success', input, output, summary, ...used }, execution);
}

function tooMuch(): ActionRejectedError {
  return new ActionRejectedError(
    'The outputs of all items take more than 4 MiB together. Let the last action for an item give less.',
  );
}

/** The place of an item, if this is the path of one of the loop's items. */
function itemIndex(loopPath: string, path: string): number | undefined {
  if (!path.startsWith(`${loopPath}[`)) return undefined;
  const match = /^\[(\d+)\]$/.exec(path.slice(loopPath.length));
  return match ? Number(match[1]) : undefined;
}
