import type { ActionCatalog } from '#core/action';
import type { ActionStep, AgentVersion } from '#core/agents/agent';
import type { AgentStore } from '#core/agents/agent-store';
import type { ApprovalStore } from '#core/approvals/approval';
import type { AuditStore } from '#core/audit';
import type { CreditStore } from '#core/limits/credit-store';
import type { Rates } from '#core/limits/rates';
import { createMasker, type Masker } from '#core/masking';
import type { Metrics } from '#core/metrics';
import { inlineBytes } from '#core/payload';
import type { Clock, Log } from '#core/ports';
import type { PayloadStore } from '#core/runs/payload-store';
import { type Claim, type Failure, inOrder, type Run, type StepRecord } from '#core/runs/run';
import { createRunLog, type RunLog } from '#core/runs/run-log';
import type { RunStore } from '#core/runs/run-store';
import { approvalPath, comingOf, itemOf, type StepFinder, stepFinder } from '#core/steps/step-path';
import type { World } from '#core/world';

/** What the engine works with; the world arrives as arguments. */
export type EngineDeps = {
  readonly agents: Pick<AgentStore, 'version'>;
  readonly runs: RunStore;
  readonly payloads: PayloadStore;
  readonly approvals: ApprovalStore;
  readonly audit: Pick<AuditStore, 'add'>;
  readonly credits: CreditStore;
  readonly catalog: ActionCatalog;
  /** What actions reach. */
  readonly world: World;
  /** Counts what a plan allows only so often. */
  readonly rates: Rates;
  readonly clock: Clock;
  /** From 0 to 1; spreads retries. */
  readonly random: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How often a worker says that it is alive, in milliseconds. */
  readonly beatEveryMs: number;
  /** When the sweeper looks at a run that is left for a pause; both in epoch milliseconds. */
  readonly pausesFor: (pause: Exclude<Pause, { next: 'continue' }>, now: number) => number;
};

/** An approval of exactly what a step will do. */
type Covering = StepRecord & { readonly covers: NonNullable<StepRecord['covers']> };

/** What one invocation knows while it executes a run. */
export type Execution = {
  readonly deps: EngineDeps;
  readonly claim: Claim;
  readonly run: Run;
  readonly version: AgentVersion;
  readonly log: RunLog;
  /** Knows the secrets of every connection that was opened in this invocation. */
  readonly masker: Masker;
  /** States of steps so far, by path; those of a loop's items only while they are worked on. */
  readonly records: Map<string, StepRecord>;
  /** Outputs that were made or read in this invocation, by path. */
  readonly outputs: Map<string, unknown>;
  readonly find: StepFinder;
  /** Approvals with the configs that are executed as they were approved, by path of the step. */
  readonly approved: Map<string, Covering>;
  /**
   * Paths of steps that must be approved now that they can be shown without placeholders, with the
   * approval that could only show them with those; `4[*].1` stands for every item of a loop.
   */
  readonly asksAgain: Map<string, StepRecord>;
  /** Aborted when the claim is lost. */
  readonly lost: AbortSignal;
  /** Epoch milliseconds at which this invocation took the run up. */
  readonly startedAt: number;
  /** Epoch milliseconds at which the run has worked for as long as it may. */
  readonly deadline: number;
  /** Milliseconds that the invocation still has. */
  readonly msLeft: () => number;
  /** States that are not written yet, by the item of a loop that they belong to. */
  readonly pending: Map<string, StepRecord[]>;
  /** Credits that the run has reserved so far. */
  creditsReserved: number;
  /** Whether this invocation has finished a step. */
  progressed: boolean;
  /** Whether the run's own item says so. */
  progressKnown: boolean;
  /** When it was last asked whether the run is still to go on, in epoch milliseconds, and the answer. */
  asked: { readonly at: number; readonly answer: Promise<void> };
  /** Last line about a result, for the run's list. */
  summary: string | undefined;
  logParts: number;
  /** Epoch milliseconds of the last stored log lines. */
  loggedAt: number;
};

/** A list of steps that is being walked. */
export type Frame = {
  /** What the paths of its steps start with: empty at the top, `3.branches.0.`, `4[17].`. */
  readonly prefix: string;
  /** The item of the loop around it. */
  readonly item?: { readonly item: unknown; readonly index: number };
  /** Whether nothing more may start here, because another item has ended the loop. */
  readonly isHalted: () => boolean;
  /** Where it goes on behind the list: for an item of a loop, at the next one. Absent at the top. */
  readonly after?: {
    readonly list: readonly ActionStep[];
    readonly first: number;
    readonly frame: Frame;
  };
};

/** A step and where it stands. */
export type StepPlace = {
  readonly step: ActionStep;
  readonly path: string;
  /** The list that it belongs to, and its place in it, from 0. */
  readonly list: readonly ActionStep[];
  readonly index: number;
  readonly frame: Frame;
};

/** How far a step has come: its newest state, and why the run must be left if it must. */
export type Stepped =
  | { readonly record: StepRecord; readonly pause?: Pause }
  | { readonly record?: undefined; readonly pause: Pause };

/** Runs a list of steps; handed to the steps that hold lists. */
export type Walk = (
  steps: readonly ActionStep[],
  frame: Frame,
  execution: Execution,
) => Promise<BlockEnd>;

/** How a list of steps ended for now. */
export type BlockEnd =
  | { readonly next: 'end'; readonly error?: Failure; readonly last?: StepRecord }
  | Pause;

/** Why a run is left before it is over. Times are epoch milliseconds. */
export type Pause =
  /** Time is nearly up. */
  | { readonly next: 'continue' }
  | { readonly next: 'wait'; readonly kind: 'retry' | 'delay'; readonly until: number }
  /** A person must decide before that time. */
  | { readonly next: 'await'; readonly path: string; readonly until: number };

/** A run that was given to a worker. */
export type Claimed = {
  readonly claim: Claim;
  readonly run: Run;
  /** Epoch milliseconds before which it was not: nobody had asked to cancel the run then. */
  readonly at: number;
};

/** Everything that one invocation knows when it takes a run up. */
export function newExecution(
  { claim, run, at }: Claimed,
  version: AgentVersion,
  deps: EngineDeps,
  lost: AbortSignal,
  msLeft: () => number,
): Execution {
  const startedAt = deps.clock.now();
  const execution: Execution = {
    deps,
    claim,
    run,
    version,
    log: createRunLog(deps.clock),
    masker: createMasker(),
    records: new Map(),
    outputs: new Map(),
    find: stepFinder(version.actions),
    approved: new Map(),
    asksAgain: new Map(),
    lost,
    startedAt,
    deadline: startedAt + version.settings.max_run_seconds * 1_000 - run.workedMs,
    msLeft,
    pending: new Map(),
    creditsReserved: run.creditsReserved,
    progressed: false,
    progressKnown: false,
    asked: { at, answer: Promise.resolve() },
    summary: inOrder(Object.values(run.steps)).findLast(({ summary }) => summary)?.summary,
    logParts: 0,
    loggedAt: startedAt,
  };
  for (const record of Object.values(run.steps)) remember(record, execution);
  return execution;
}

/** Takes a step's state up into what is known. */
export function remember(record: StepRecord, execution: Execution): void {
  execution.records.set(record.path, record);
  const { covers, asksAgain = [] } = record;
  if (covers) {
    const before = execution.approved.get(covers.path);
    // The approval of a step's own is the later one.
    const isLast = record.path === approvalPath(covers.path);
    if (isLast || before === undefined || before.path === record.path) {
      execution.approved.set(covers.path, { ...record, covers });
    }
  }
  for (const path of asksAgain) execution.asksAgain.set(path, record);
}

/**
 * The approval that could show a step only with placeholders, so that it must be asked again. Where
 * it showed several, because data decides which one comes first, only that one is asked about.
 */
export function askedBefore(path: string, execution: Execution): StepRecord | undefined {
  const { asksAgain, records } = execution;
  const pattern = patternOf(path);
  const before = asksAgain.get(path) ?? asksAgain.get(pattern);
  const others = before?.asksAgain?.filter((other) => other !== path && other !== pattern) ?? [];
  const isAsked = others.some((other) => {
    const inItem = itemOf(other);
    if (inItem !== itemOf(pattern)) return false;
    return records.has(approvalPath(`${itemOf(path)}${other.slice(inItem.length)}`));
  });
  return isAsked ? undefined : before;
}

/** The path for every item of a loop. */
function patternOf(path: string): string {
  return path.replaceAll(/\[\d+\]/g, '[*]');
}

/**
 * The approval that showed a step and was refused: however the run goes on, it is not executed. A no
 * to an item of a loop is none to what comes for the next item or after the loop.
 */
export function refusedBefore(path: string, execution: Execution): StepRecord | undefined {
  const { approved, asksAgain } = execution;
  const shownBy = [approved.get(path), asksAgain.get(path), asksAgain.get(patternOf(path))];
  return shownBy.find((one) => one?.status === 'failed' && comingOf(path, one.path) === 'next');
}

/** States that are stored in the same item as that of a path. */
export function* storedWith(path: string, execution: Execution): Generator<StepRecord> {
  const item = itemOf(path);
  for (const record of execution.records.values()) {
    if (itemOf(record.path) === item) yield record;
  }
}

/** Bytes that payloads already take in the item in which a step's state is stored. */
export function usedRoom(path: string, execution: Execution): number {
  let bytes = itemOf(path) === '' ? inlineBytes(execution.run.trigger) : 0;
  for (const record of storedWith(path, execution)) {
    bytes += inlineBytes(record.input) + inlineBytes(record.output);
  }
  return bytes;
}
