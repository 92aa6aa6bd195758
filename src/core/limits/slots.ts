import type { Log } from '#core/ports';
import type { RunRef } from '#core/runs/run';
import type { RunQueue } from '#core/runs/run-queue';

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
  /** Changes whenever a run parks; absent when none has since the line was last found empty. */
  readonly parkings?: number;
  /** Whether nobody may be let in. */
  readonly isSuspended: boolean;
};

/** A run that gives its slot back. */
export type Leaving = {
  readonly runId: string;
  /** Credits that it has used up and that need not be held any longer; 0 unless it is over. */
  readonly settledCredits: number;
};

/** What changes at a gate, all or nothing. */
export type Exchange = {
  /** Must have a slot. */
  readonly out?: Leaving;
  /** Must have none yet, and one must be free, or come free by `out`; its user must not be suspended. */
  readonly into?: string;
  /** What the line must be like: without a mark, or with this one, which is taken off. */
  readonly line?: 'unmarked' | number;
};

/** What came of an exchange. */
export type Exchanged = {
  readonly isMade: boolean;
  /** The gate afterwards; as it was when nothing was changed. */
  readonly state: GateState;
};

/**
 * Where slots live. A slot belongs to a run, not to a worker: taking it again changes nothing, so a
 * run that lost its worker still has it for the next one.
 */
export type SlotStore = {
  /** Takes a slot for a run that comes anew: it does not overtake those that are parked. */
  take(gate: Gate, runId: string): Promise<'taken' | 'full' | 'suspended'>;
  /** Changes who is behind a gate in one write. */
  exchange(gate: Gate, change: Exchange): Promise<Exchanged>;
  /** Puts a run into the line and marks the gate. @returns the gate afterwards */
  park(gate: Gate, run: ParkedRun): Promise<GateState>;
  /** Keeps the token of a parked run; false when it is not parked any more. */
  keepToken(gate: Gate, runId: string, token: string): Promise<boolean>;
  /** The parked runs that came first. */
  oldest(gate: Gate, count: number): Promise<readonly ParkedRun[]>;
  /** Takes a run out of the line. @returns it as it was; undefined when it was not there */
  unpark(gate: Gate, runId: string): Promise<ParkedRun | undefined>;
  read(gate: Gate): Promise<GateState>;
  /** Whether a run has a slot. One that it was given a moment ago may be missed: then it is to be taken. */
  hasSlot(gate: Gate, runId: string): Promise<boolean>;
  /** Lets no more of a user's runs in, or lets them in again. @returns those that are behind the gate */
  suspend(userId: string, isSuspended: boolean): Promise<readonly string[]>;
  /** How many runs are parked before this one. */
  placeOf(gate: Gate, runId: string): Promise<number>;
};

/** What passing gates works with. */
export type SlotDeps = {
  readonly slots: SlotStore;
  readonly queue: Pick<RunQueue, 'call'>;
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
  const taken = await deps.slots.take(gate, ref.runId);
  if (taken !== 'full') return taken;
  // From here on whoever gives a slot back sees the line; one that came free before is given away now.
  const state = await deps.slots.park(gate, { runId: ref.runId });
  const letIn = await fill(gate, state, deps, ref.runId);
  return letIn.includes(ref.runId) ? 'taken' : 'parked';
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
 * Gives back the slots of a run that is not executed any more, to those that wait for them.
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
    await leaveGate(gate, { runId: ref.runId, settledCredits: credits }, deps);
  }
}

async function leaveGate(gate: Gate, out: Leaving, deps: SlotDeps): Promise<void> {
  const { isMade, state } = await deps.slots.exchange(gate, { out, line: 'unmarked' });
  if (!isMade) await handOn(gate, out, state, deps);
}

/**
 * Hands the slot of a run on to the one that has waited longest, in one write: no moment at which it
 * is free, and no two that leave together let in the same.
 */
async function handOn(gate: Gate, out: Leaving, seen: GateState, deps: SlotDeps): Promise<void> {
  let state = seen;
  for (let attempt = 0; state.holders.includes(out.runId); attempt += 1) {
    const successor = await successorFor(out, attempt, gate, state, deps);
    const change = await deps.slots.exchange(gate, { out, ...successor });
    state = change.state;
    if (!change.isMade) continue;
    if (successor.into !== undefined) await call(gate, successor.into, deps);
    await fill(gate, state, deps);
    return;
  }
}

/** Who gets the slot of a run that leaves; nobody when no more may be let in, or nobody waits. */
async function successorFor(
  { runId }: Leaving,
  attempt: number,
  gate: Gate,
  state: GateState,
  deps: SlotDeps,
): Promise<Pick<Exchange, 'into' | 'line'>> {
  if (state.isSuspended || state.holders.length > gate.limit) return {};
  const next = await nextInLine({ runId, attempt }, gate, state, deps);
  return next === undefined ? { line: state.parkings ?? 'unmarked' } : { into: next };
}

/**
 * The run that has waited longest. Who has met others there looks further back: several that come at
 * once would else meet again at each place.
 */
async function nextInLine(
  by: { readonly runId: string; readonly attempt: number },
  gate: Gate,
  { holders }: GateState,
  { slots }: SlotDeps,
): Promise<string | undefined> {
  // More than can have been let in meanwhile, whose places are still there for a moment.
  const oldest = await slots.oldest(gate, gate.limit + 1);
  const waiting = oldest.filter(({ runId }) => !holders.includes(runId));
  const place = by.attempt === 0 ? 0 : spread(by.runId, by.attempt);
  return waiting[place % waiting.length]?.runId;
}

/** A number that differs from run to run, and from attempt to attempt. */
function spread(runId: string, attempt: number): number {
  let sum = attempt;
  for (let index = 0; index < runId.length; index += 1) {
    sum = (sum * 31 + runId.charCodeAt(index)) % 1_000_003;
  }
  return sum;
}

/**
 * Lets parked runs in as long as there are free slots, the one that has waited longest first.
 *
 * @param seen the gate as it was a moment ago
 * @param self a run that needs no call to go on, because it is the one that asks
 * @returns the runs that it let in
 */
async function fill(
  gate: Gate,
  seen: GateState,
  deps: SlotDeps,
  self = '',
): Promise<readonly string[]> {
  const letIn: string[] = [];
  let state = seen;
  for (let attempt = 0; !state.isSuspended && state.holders.length < gate.limit; attempt += 1) {
    if (state.parkings === undefined) return letIn;
    const next = await nextInLine({ runId: self, attempt }, gate, state, deps);
    const change = await deps.slots.exchange(
      gate,
      next === undefined ? { line: state.parkings } : { into: next },
    );
    state = change.state;
    if (!change.isMade) continue;
    if (next === undefined) return letIn;
    letIn.push(next);
    if (next === self) await deps.slots.unpark(gate, self);
    else await call(gate, next, deps);
  }
  return letIn;
}

/** Calls a parked run that has been let in. One that has left the line by itself leaves again. */
async function call(gate: Gate, runId: string, deps: SlotDeps): Promise<void> {
  // Its token may have come since the line was looked at.
  const run = await deps.slots.unpark(gate, runId);
  if (run) await wake(gate, run, deps);
  else await leaveGate(gate, { runId, settledCredits: 0 }, deps);
}

async function wake(gate: Gate, { runId, token }: ParkedRun, deps: SlotDeps): Promise<void> {
  try {
    if (token === undefined) await deps.queue.call({ userId: gate.userId, runId });
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
    const credits = gate.agentId === undefined ? settledCredits : 0;
    await leaveGate(gate, { runId, settledCredits: credits }, deps);
  }
  await fill(gate, await deps.slots.read(gate), deps);
}
