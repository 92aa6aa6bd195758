import { failure } from '#core/failure';
import { plans } from '#core/limits/plans';
import {
  type Gate,
  gateWaitedFor,
  leaveGates,
  mendGate,
  type Passed,
  passGates,
  type SlotDeps,
} from '#core/limits/slots';
import type { EngineDeps } from '#core/runs/execution';
import { FIRST_LOOK_MS } from '#core/runs/open-run';
import { type Claim, isFinal, type Run, type RunRef, type WaitingFor } from '#core/runs/run';
import { endWithout } from '#core/runs/run-ending';
import type { RunEnding, RunStore } from '#core/runs/run-store';
import { versionOf } from '#core/runs/run-version';

/** What giving slots back takes. */
export type LeaveDeps = Pick<EngineDeps, 'agents' | 'runs' | 'log'> &
  Pick<SlotDeps, 'slots' | 'queue' | 'workflow'>;

/** What slots take besides the engine. */
type GateDeps = EngineDeps & LeaveDeps;

type Claimed = { readonly claim: Claim; readonly run: Run };

/** What becomes of a run that came for a slot. */
export type Entry =
  | { readonly entry: 'in' }
  | { readonly entry: 'over' }
  /** It is called when its turn comes. */
  | { readonly entry: 'parked'; readonly gate: Gate };

/** The gates of a run, in the order in which they are passed. */
export async function gatesOf(run: Run, deps: Pick<EngineDeps, 'agents'>): Promise<Gate[]> {
  const { userId, agentId } = run;
  const version = await versionOf(run, deps.agents);
  const limit = version?.settings.max_concurrent_runs ?? null;
  const own = limit === null ? [] : [{ userId, agentId, limit }];
  return [...own, userGate(run)];
}

/** The gate of all of a user's runs. */
export function userGate({ userId, plan }: Pick<Run, 'userId' | 'plan'>): Gate {
  return { userId, limit: plans[plan].runsAtOnce };
}

/**
 * Takes the slots of a run that nobody has begun, or puts it into the line. It is not claimed for
 * that: in a flood most runs come only to wait, and each write fewer is one that others need not
 * wait for.
 *
 * @returns `suspended` when its user may run nothing: that is for its worker to say
 */
export async function enterUnclaimed(
  run: Run,
  gates: readonly Gate[],
  deps: LeaveDeps,
): Promise<Passed['outcome']> {
  const isCalled = run.waitingFor?.kind === 'slot';
  if (isCalled && (await isBehind(run, gates, deps))) return 'passed';
  const passed = await passGates(run, gates, slotDeps(deps));
  if (passed.outcome !== 'parked') return passed.outcome;
  if (isCalled) await mendIfFirst(run, passed.gate, deps);
  else await deps.runs.park(run, waitAt(passed.gate));
  return 'parked';
}

/** A run that asks again was not called: slots may be held by runs whose workers died. */
async function mendIfFirst({ runId }: RunRef, gate: Gate, deps: LeaveDeps): Promise<void> {
  const [first] = await deps.slots.oldest(gate, 1);
  if (first?.runId === runId) await mendGate(gate, slotDeps(deps));
}

/** Whether a run has its slots: whoever calls one from the line has given them to it. */
async function isBehind(
  run: Run,
  gates: readonly Gate[],
  { slots }: Pick<LeaveDeps, 'slots'>,
): Promise<boolean> {
  const having = await Promise.all(gates.map((gate) => slots.hasSlot(gate, run.runId)));
  return having.every((hasSlot) => hasSlot);
}

function waitAt({ limit, agentId }: Gate): WaitingFor {
  return { kind: 'slot', limit, of: agentId === undefined ? 'user' : 'agent' };
}

/** Takes the slots of a claimed run, or lets go of it so that it waits for them. */
export async function enter(
  claimed: Claimed,
  gates: readonly Gate[],
  deps: GateDeps,
): Promise<Entry> {
  const { claim, run } = claimed;
  // Dispatch took the slots of a run that begins, and a read is less than a write.
  if (run.epoch === 1 && (await isBehind(run, gates, deps))) return { entry: 'in' };
  const passed = await passGates(run, gates, slotDeps(deps));
  if (passed.outcome === 'passed') return { entry: 'in' };
  if (passed.outcome === 'suspended') {
    const words = 'The account was suspended, so this run was stopped before its next step.';
    const error = failure('account_suspended', words);
    await endWithout(claimed, deps, { status: 'failed', error });
    return { entry: 'over' };
  }
  const { gate } = passed;
  await deps.runs.release(claim, {
    workedMs: run.workedMs,
    records: [],
    waitingFor: waitAt(gate),
    dueAt: new Date(deps.clock.now() + FIRST_LOOK_MS).toISOString(),
  });
  if (run.epoch > 1) await mendIfFirst(run, gate, deps);
  return { entry: 'parked', gate };
}

/** Gives the slots of a run back. @param settled credits that it has used up, once it is over */
export function leave(
  ref: RunRef,
  gates: readonly Gate[],
  settled: number,
  deps: LeaveDeps,
): Promise<void> {
  return leaveGates(ref, gates, settled, slotDeps(deps));
}

/**
 * Takes a run that was ended while no worker had it out of the line that it waited in, and gives back
 * the slots that it had. Whoever ended it has noted its credits.
 */
export async function leaveUnclaimed(run: Run, deps: LeaveDeps): Promise<void> {
  const { waitingFor } = run;
  if (waitingFor?.kind === 'slot') {
    await deps.slots.unpark(gateWaitedFor(run, waitingFor), run.runId);
  }
  await leave(run, await gatesOf(run, deps), 0, deps);
}

/** Gives the slots of a run back that somebody else has ended. */
export async function leaveIfOver(
  ref: RunRef,
  gates: readonly Gate[],
  deps: LeaveDeps,
): Promise<void> {
  const run = await deps.runs.find(ref);
  if (run !== undefined && isFinal(run.status)) await leave(ref, gates, settledOf(run), deps);
}

/** Credits that a run used up to the last one, so that the account was not written when it ended. */
export function settledOf({ creditsReserved, creditsCharged, isSettled }: Run): number {
  return creditsCharged === creditsReserved && !isSettled ? creditsReserved : 0;
}

/** The store of runs, and the end that was written through it. */
export function noteEnding(runs: RunStore): {
  readonly runs: RunStore;
  readonly ending: () => RunEnding | undefined;
  /** Credits that the run has used up, once it has ended. */
  readonly settled: () => number;
} {
  let ended: RunEnding | undefined;
  const noting: RunStore = {
    ...runs,
    async finish(claim, ending) {
      await runs.finish(claim, ending);
      ended = ending;
    },
  };
  return {
    runs: noting,
    ending: () => ended,
    settled: () => (ended?.credits.refund === 0 ? ended.credits.charged : 0),
  };
}

/** What slots work with. */
export function slotDeps(deps: LeaveDeps): SlotDeps {
  return {
    ...deps,
    async runsOver(refs) {
      const runs = await Promise.all(refs.map((ref) => deps.runs.find(ref)));
      return refs.flatMap(({ runId }, place) => {
        const run = runs[place];
        if (run !== undefined && !isFinal(run.status)) return [];
        return [{ runId, settledCredits: run ? settledOf(run) : 0 }];
      });
    },
  };
}
