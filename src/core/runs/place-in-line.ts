import { type Gate, gateWaitedFor, type SlotStore } from '#core/limits/slots';
import type { Clock } from '#core/ports';
import type { Run } from '#core/runs/run';
import type { RunStore } from '#core/runs/run-store';

/** Runs that are looked at for how long one takes, beside those that are executed. */
const LOOKED_AT = 25;

/** Where a run stands that waits for a slot. */
export type PlaceInLine = {
  /** From 1. */
  readonly place: number;
  /** Roughly when its turn comes, epoch milliseconds; undefined when there is nothing to go by. */
  readonly estimatedStart: number | undefined;
};

/** What finding a place takes. */
export type LineDeps = {
  readonly slots: Pick<SlotStore, 'oldest' | 'placeOf'>;
  readonly runs: Pick<RunStore, 'list'>;
  readonly clock: Clock;
};

/**
 * Where a run stands in the line for a slot, and roughly when its turn comes: slots that are all in
 * use come free one after the other, as many in the time that a run takes as there are.
 *
 * @returns undefined for a run that does not wait for a slot
 */
export async function placeInLine(run: Run, deps: LineDeps): Promise<PlaceInLine | undefined> {
  if (run.waitingFor?.kind !== 'slot') return undefined;
  const gate = gateWaitedFor(run, run.waitingFor);
  const [before, usualMs] = await Promise.all([
    deps.slots.placeOf(gate, run.runId),
    usualMsBehind(gate, deps),
  ]);
  const place = before + 1;
  const estimatedStart =
    usualMs === undefined
      ? undefined
      : deps.clock.now() + Math.ceil((place * usualMs) / gate.limit);
  return { place, estimatedStart };
}

/**
 * How long the last runs were behind a gate on average, in milliseconds. Those that waited after they
 * had begun are left out: they were not behind it meanwhile.
 */
async function usualMsBehind(gate: Gate, { slots, runs }: LineDeps): Promise<number | undefined> {
  // Whatever came after the first in line waits, too.
  const [first] = await slots.oldest(gate, 1);
  const page = await runs.list(gate, {
    limit: LOOKED_AT + gate.limit,
    after: undefined,
    to: first?.runId,
  });
  const times = page.items.flatMap(({ startedAt, finishedAt, waits }) =>
    startedAt && finishedAt && waits === 0 ? [Date.parse(finishedAt) - Date.parse(startedAt)] : [],
  );
  if (times.length === 0) return undefined;
  return Math.max(0, times.reduce((sum, ms) => sum + ms, 0) / times.length);
}
