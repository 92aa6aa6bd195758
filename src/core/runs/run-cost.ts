import type { ActionCatalog } from '#core/action';
import type { ActionStep } from '#core/agents/agent';
import { isOver, type RunRef, type StepRecord } from '#core/runs/run';
import type { RunStore } from '#core/runs/run-store';
import { itemOf } from '#core/steps/step-path';
import { nestedLists } from '#core/steps/step-tree';

/**
 * Most credits that these steps may cost, which a run reserves before it starts: the dearest way
 * through each branch. A loop counts as nothing: how long its list is will only be known when it
 * begins, and it reserves then. Steps that control the run are free.
 */
export function mostCredits(steps: readonly ActionStep[], catalog: ActionCatalog): number {
  return steps.reduce((sum, step) => {
    if (step.type === 'for_each') return sum;
    const ways = nestedLists(step).map((list) => mostCredits(list.steps, catalog));
    return sum + Math.max(priceOf(step.type, catalog), ...ways);
  }, 0);
}

/** What steps used: credits, and US dollars that they spent outside. */
export type Used = { readonly credits: number; readonly costUsd: number };

/** What a run that ends is charged, and what comes back of the credits that it had reserved. */
export function settle(
  used: number,
  reserved: number,
): { readonly charged: number; readonly refund: number } {
  const charged = Math.min(used, reserved);
  return { charged, refund: reserved - charged };
}

/**
 * What steps used. One that was executed counts once, however often it was tried; one that never
 * began costs nothing. A loop counts with what it says of the steps inside.
 */
export function usedBy(records: Iterable<StepRecord>, catalog: ActionCatalog): Used {
  let credits = 0;
  let costUsd = 0;
  for (const record of records) {
    costUsd += record.costUsd ?? 0;
    if (record.isReused) continue;
    const { status, type, attempts } = record;
    const isExecuted = attempts > 0 && (status === 'success' || status === 'failed');
    if (isExecuted) credits += priceOf(type, catalog);
    credits += record.credits ?? 0;
  }
  return { credits, costUsd };
}

/** What counting takes that reaches into loops. */
export type CountDeps = {
  readonly runs: Pick<RunStore, 'readItems'>;
  readonly catalog: ActionCatalog;
};

/** What a whole run used so far. @param known states of its steps, by path */
export async function usedByRun(
  ref: RunRef,
  known: ReadonlyMap<string, StepRecord>,
  deps: CountDeps,
): Promise<Used> {
  const own = [...known.values()].filter(({ path }) => itemOf(path) === '');
  const open = own.filter((one) => !isOver(one) && one.creditsReserved !== undefined);
  const loops = open.filter(({ type }) => type === 'for_each');
  const inside = await Promise.all(loops.map(({ path }) => usedInside(ref, path, known, deps)));
  return sumOf([usedBy(own, deps.catalog), ...inside]);
}

/** What the steps inside a loop used that did not come to its end, step by step. */
export async function usedInside(
  ref: RunRef,
  loopPath: string,
  known: ReadonlyMap<string, StepRecord>,
  { runs, catalog }: CountDeps,
): Promise<Used> {
  const all = new Map<string, StepRecord>();
  // What is known here is newer than what is stored.
  for (const record of [...(await runs.readItems(ref, loopPath, 0)), ...known.values()]) {
    if (record.path.startsWith(`${loopPath}[`)) all.set(record.path, record);
  }
  const steps = [...all.values()].filter(({ type }) => type !== 'for_each');
  return usedBy(steps, catalog);
}

/** What several used together. */
export function sumOf(parts: Iterable<Used>): Used {
  let credits = 0;
  let costUsd = 0;
  for (const part of parts) {
    credits += part.credits;
    costUsd += part.costUsd;
  }
  return { credits, costUsd };
}

/** What was used, as parts of a record: nothing where nothing was. */
export function usedState({ credits, costUsd }: Used): Pick<StepRecord, 'credits' | 'costUsd'> {
  return { ...(credits > 0 && { credits }), ...(costUsd > 0 && { costUsd }) };
}

function priceOf(type: string, catalog: ActionCatalog): number {
  return catalog.find(type)?.credits ?? 0;
}
