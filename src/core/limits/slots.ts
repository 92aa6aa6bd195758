import type { Log, RunQueue } from '#core/ports';
import type { RunRef } from '#core/runs/run';

/** What runs pass one by one: all of a user's, or those of one agent that asks for less. */
export type Gate = {
  readonly userId: string;
  /** Left out for the gate of all of the user's runs. */
  readonly agentId?: string;
  /** Runs that may be behind it at once. */
  readonly limit: number;
};

/** The gate that a run waits at. */
export function gateWaitedFor(
  { userId, agentId }: { readonly userId: string; readonly agentId: string },
  { limit, of }: { readonly limit: number; readonly of: 'user' | 'agent' },
): Gate {
  return of === 'user' ? { userId, limit } : { userId, agentId, limit };
}

/** A run that waits for a slot. */
export type ParkedRun = {
  readonly runId: string;
  /** Token of the state machine that waits with it; absent for a run that waits for the queue. */
  readonly token?: string;
};

/** Who is behind a gate. */
export type GateState = {
  readonly holders: readonly string[];
  /** Credits that runs had reserved, and have used up, since the account was opened. */
  readonly settled: number;
  /** Changes whenever a run parks; absent when none has since the gate was last found empty. */
  readonly parkings?: number;
};

/**
 * Where slots live. A slot belongs to a run, not to a worker: taking it again changes nothing, so a
 * run that lost its worker still has it for the next one.
 */
export type SlotStore = {
  /**
   * Takes a slot. A run that comes anew does not overtake those that are parked.
   *
   * @param isAnew false for a parked run whose turn it is
   */
  take(gate: Gate, runId: string, isAnew: boolean): Promise<'taken' | 'full' | 'suspended'>;
  /**
   * Gives a slot back, and notes credits that need not be held any longer.
   *
   * @returns the gate afterwards; undefined when the run had no slot
   */
  give(gate: Gate, runId: string, settledCredits: number): Promise<GateState | undefined>;
  /** Puts a run into the line. @returns false when a slot is free: then it is looked at again */
  park(gate: Gate, run: ParkedRun): Promise<boolean>;
  /** Keeps the token of a parked run; false when it is not parked any more. */
  keepToken(gate: Gate, runId: string, token: string): Promise<boolean>;
  /** The parked runs that came first. */
  oldest(gate: Gate, count: number): Promise<readonly ParkedRun[]>;
  /** Takes a run out of the line. @returns it as it was; undefined when somebody else has */
  unpark(gate: Gate, runId: string): Promise<ParkedRun | undefined>;
  /** Notes that nobody is parked. @returns false when somebody has parked since */
  clear(gate: Gate, parkings: number): Promise<boolean>;
  read(gate: Gate): Promise<GateState>;
  /** Lets no more of a user's runs in, or lets them in again. @returns those that are behind the gate */
  suspend(userId: string, isSuspended: boolean): Promise<readonly string[]>;
  /** How many runs are parked before this one. */
  placeOf(gate: Gate, runId: string): Promise<number>;
};

/** What passing gates works with. */
export type SlotDeps = {
  readonly slots: SlotStore;
  readonly queue: Pick<RunQueue, 'enqueue'>;
  readonly workflow: { wake(token: string): Promise<void> };
  readonly log: Log;
  /** The runs that are over or gone, of those given, with the credits that they settled. */
  readonly runsOver: (refs: readonly RunRef[]) => Promise<readonly OverRun[]>;
};

/** A run that needs no slot any more. */
export type OverRun = { readonly runId: string; readonly settledCredits: number };

/** Whether a run may be executed now. */
export type Passed =
  | { readonly outcome: 'passed' }
  | { readonly outcome: 'suspended' }
  | { readonly outcome: 'parked'; readonly gate: Gate };

/**
 * Takes a slot at each gate, or parks the run at the first one that is full. What it has taken until
 * then it keeps: gates are passed in the same order by all, so that nobody waits in a circle.
 */
export async function passGates(
  ref: RunRef,
  gates: readonly Gate[],
  deps: SlotDeps,
): Promise<Passed> {
  for (const gate of gates) {
    const outcome = await passGate(ref, gate, deps);
    if (outcome === 'suspended') return { outcome };
    if (outcome === 'parked') return { outcome, gate };
  }
  return { outcome: 'passed' };
}

async function passGate(
  ref: RunRef,
  gate: Gate,
  deps: SlotDeps,
): Promise<'taken' | 'parked' | 'suspended'> {
  const taken = await deps.slots.take(gate, ref.runId, true);
  if (taken !== 'full') return taken;
  // From here on whoever gives a slot back sees it; a slot that came free before is looked at now.
  if (await deps.slots.park(gate, { runId: ref.runId })) return 'parked';
  await fill(gate, deps, { self: ref.runId });
  const { holders } = await deps.slots.read(gate);
  return holders.includes(ref.runId) ? 'taken' : 'parked';
}

/**
 * Calls a parked run that was given its slot while its worker still had it: the call that came then
 * met the worker and was lost. To be asked once the worker has let go of the run.
 */
export async function callIfLetIn(ref: RunRef, gate: Gate, deps: SlotDeps): Promise<void> {
  const { holders } = await deps.slots.read(gate);
  if (holders.includes(ref.runId)) await wake(gate, { runId: ref.runId }, deps);
}

/**
 * Gives back the slots of a run that is not executed any more, and lets in those that wait for them.
 *
 * @param settledCredits credits that it has used up, when it is over
 */
export async function leaveGates(
  ref: RunRef,
  gates: readonly Gate[],
  settledCredits: number,
  deps: SlotDeps,
): Promise<void> {
  for (const gate of gates.toReversed()) {
    const credits = gate.agentId === undefined ? settledCredits : 0;
    const after = await deps.slots.give(gate, ref.runId, credits);
    if (after?.parkings !== undefined) await fill(gate, deps, { seen: after });
  }
}

/**
 * Lets parked runs in as long as there are slots, the one that has waited longest first.
 *
 * @param options.seen the gate as it was a moment ago
 * @param options.self a run that needs no call to go on, because it is the one that asks
 */
async function fill(
  gate: Gate,
  deps: SlotDeps,
  { seen, self }: { readonly seen?: GateState; readonly self?: string } = {},
): Promise<void> {
  let state = seen ?? (await deps.slots.read(gate));
  for (;;) {
    const free = gate.limit - state.holders.length;
    if (free <= 0) return;
    const waiting = await deps.slots.oldest(gate, free);
    if (waiting.length === 0) {
      if (state.parkings === undefined) return;
      if (await deps.slots.clear(gate, state.parkings)) return;
    }
    const count = await letIn(waiting, gate, deps, self);
    if (count === 'stop' || count === free) return;
    state = await deps.slots.read(gate);
  }
}

/** @returns how many it let in; `stop` when there is nothing more to do */
async function letIn(
  waiting: readonly ParkedRun[],
  gate: Gate,
  deps: SlotDeps,
  self: string | undefined,
): Promise<number | 'stop'> {
  let count = 0;
  for (const { runId } of waiting) {
    // Only who takes it out of the line gives it a slot, so that it is called once. Its token may
    // have come since the line was looked at.
    const run = await deps.slots.unpark(gate, runId);
    if (run === undefined) continue;
    const taken = await deps.slots.take(gate, run.runId, false);
    if (taken === 'suspended') return 'stop';
    if (taken === 'full') return (await deps.slots.park(gate, run)) ? 'stop' : count;
    count += 1;
    if (run.runId !== self) await wake(gate, run, deps);
  }
  return count;
}

async function wake(gate: Gate, { runId, token }: ParkedRun, deps: SlotDeps): Promise<void> {
  try {
    if (token === undefined) await deps.queue.enqueue({ userId: gate.userId, runId });
    else await deps.workflow.wake(token);
  } catch (error) {
    deps.log.warn('parked run not called, left to the sweeper', { runId, error });
  }
}

/**
 * Takes slots away from runs that are over: their workers died between the end and giving it back.
 * Only looked for when somebody waits.
 */
export async function mendGate(gate: Gate, deps: SlotDeps): Promise<void> {
  const { holders } = await deps.slots.read(gate);
  const refs = holders.map((runId) => ({ userId: gate.userId, runId }));
  for (const { runId, settledCredits } of await deps.runsOver(refs)) {
    deps.log.warn('slot of a run that is over given back', { runId });
    await deps.slots.give(gate, runId, gate.agentId === undefined ? settledCredits : 0);
  }
  await fill(gate, deps);
}
