import type { Admission, Admitted } from '#core/limits/admission';
import type { Slice } from '#core/ports';
import type {
  Claim,
  Failure,
  FinalStatus,
  Run,
  RunRef,
  StepRecord,
  WaitingFor,
} from '#core/runs/run';
import type { LogLine } from '#core/runs/run-log';
import type { StoredSchedule } from '#core/schedules/timetable';

/** Makes a trigger unique for a while. */
export type DedupeKey = {
  /** Digest of the key's kind and text. */
  readonly digest: string;
  /** Digest of the body that came with it. */
  readonly bodyDigest: string;
  /** Epoch seconds after which the key may be used again. */
  readonly expiresAt: number;
};

/** An earlier trigger with the same key. */
export type Duplicate = { readonly runId: string; readonly bodyDigest: string };

/** How a claim ended. */
export type ClaimOutcome =
  | { readonly outcome: 'claimed'; readonly claim: Claim; readonly run: Run }
  /** Another worker has it, or its wait is not over: then `until` says when, in epoch milliseconds. */
  | { readonly outcome: 'held'; readonly until?: number }
  | { readonly outcome: 'over' }
  | { readonly outcome: 'missing' };

/** What is written when a worker leaves a run that is not over. */
export type RunPause = {
  /** Time that has been worked on the run in all, in milliseconds. */
  readonly workedMs: number;
  /** What it waits for: a time, or a person's decision. */
  readonly waitingFor?: WaitingFor | 'approval';
  /** ISO 8601, when the sweeper looks at it; undefined leaves that as it is. */
  readonly dueAt?: string;
  /** States of steps that have not been written yet. */
  readonly records: readonly StepRecord[];
  /** Whether a store failed, rather than all being well. */
  readonly isFault?: boolean;
};

/** What is written when a run ends, in one write. */
export type RunEnding = {
  readonly status: FinalStatus;
  readonly finishedAt: string;
  readonly error?: Failure;
  readonly outputSummary?: string;
  /** States of steps that have not been written yet. */
  readonly records: readonly StepRecord[];
  /** Log lines that are small enough to stay in the run's own item. */
  readonly logTail: readonly LogLine[];
  /** Credits that the steps cost, and what is given back of those that were reserved. */
  readonly credits: { readonly charged: number; readonly refund: number };
  /** US dollars that the steps spent outside. */
  readonly costUsd: number;
  /** Epoch seconds after which the run may be deleted. */
  readonly expiresAt: number;
  /** Whether parts of the run may live in items of their own, which expire with it. */
  readonly scattered: boolean;
};

/** Something in the due index: a run, an approval, or the schedule or the health of an agent. */
export type DueRef =
  | ({ readonly kind: 'run' } & RunRef)
  | ({ readonly kind: 'approval'; readonly stepPath: string } & RunRef)
  | { readonly kind: 'schedule'; readonly userId: string; readonly agentId: string }
  | { readonly kind: 'health'; readonly userId: string; readonly agentId: string }
  | { readonly kind: 'warning'; readonly userId: string }
  | ({ readonly kind: 'usage' } & RunRef);

/** How a run was written. */
export type Created = Admitted<
  { readonly outcome: 'created' } | ({ readonly outcome: 'duplicate' } & Duplicate)
>;

/** A schedule, and the time that it moves on to: epoch milliseconds, undefined when none follows. */
export type ScheduleMove = {
  readonly schedule: StoredSchedule;
  readonly nextAt: number | undefined;
};

/** How one run is doing. */
export type RunOutcome = Pick<Run, 'runId' | 'status' | 'triggeredAt'>;

/**
 * Where runs live. Writes that name a claim throw ClaimLostError once it is no longer theirs, and
 * those that would let a run go on throw RunCancelledError once somebody has asked to cancel it.
 */
export type RunStore = {
  /**
   * Writes a queued run, with what it takes from its owner's account, unless its dedupe key was used
   * before or the account has changed.
   */
  create(run: Run, dedupe: DedupeKey | undefined, admission: Admission): Promise<Created>;
  /**
   * Writes the row of triggers that led to no run, or adds to the count of the row that is there.
   *
   * @param moved the schedule that moves on in the same write; nothing is written when it has moved
   */
  reject(run: Run, moved?: ScheduleMove): Promise<void>;
  /** The run that a dedupe key led to, while the key counts. */
  findDuplicate(userId: string, dedupe: DedupeKey, now: number): Promise<Duplicate | undefined>;
  find(ref: RunRef): Promise<Run | undefined>;
  /** How an agent's newest runs are doing, newest first, without reading all of each. */
  newest(userId: string, agentId: string, count: number): Promise<readonly RunOutcome[]>;
  /** Newest first; `from` and `to` are run ids that bound the list. */
  list(
    scope: { readonly userId: string; readonly agentId?: string },
    page: {
      limit: number;
      after: string | undefined;
      from?: string | undefined;
      to?: string | undefined;
    },
  ): Promise<Slice<Run>>;
  /**
   * Gives a run to one worker. From then on the sweeper looks at it soon, however long it has waited.
   *
   * @param at ISO 8601; when the run started, if it had not
   * @param lookBy ISO 8601; the latest time at which the sweeper looks at it first
   */
  claim(ref: RunRef, owner: string, at: string, lookBy: string): Promise<ClaimOutcome>;
  /** Says that the worker is alive. */
  renew(claim: Claim, beat: number): Promise<void>;
  /**
   * Takes further credits from the account of the run's owner, and writes states of steps in one
   * item of the run with it, all or nothing.
   *
   * @param itemPath of an item of a loop; empty for the run itself
   */
  reserve(
    claim: Claim,
    admission: Admission,
    itemPath: string,
    records: readonly StepRecord[],
    at: number,
  ): Promise<Admitted<{ readonly outcome: 'reserved' }>>;
  /** Writes states of steps outside of loops, and that the run comes on. */
  checkpoint(claim: Claim, records: readonly StepRecord[]): Promise<void>;
  /**
   * Writes states of steps inside one item of a loop, beside the run. The claim is not looked at:
   * what a step that has finished gave is true whoever writes it, and the newer claim's word stays.
   */
  saveItem(claim: Claim, itemPath: string, records: readonly StepRecord[]): Promise<void>;
  /** All that is kept about the items of a loop, from one item on. */
  readItems(ref: RunRef, loopPath: string, from: number): Promise<readonly StepRecord[]>;
  /** Steps inside of loops, an item's together, in the order of their places. */
  listItems(
    ref: RunRef,
    page: { limit: number; after: string | undefined },
  ): Promise<Slice<readonly StepRecord[]>>;
  /** Looks whether a write that lets the run go on would be taken, and throws as it would. */
  check(claim: Claim): Promise<void>;
  finish(claim: Claim, ending: RunEnding): Promise<void>;
  /**
   * Ends a run without a claim, and takes it from whoever has one.
   *
   * @returns false when the run has moved since it was read
   */
  close(run: Run, ending: RunEnding): Promise<boolean>;
  /** Asks whoever executes the run to stop; false when nobody does any more. */
  requestCancel(run: Run, at: string): Promise<boolean>;
  /** Notes on a run which one replays it. */
  markReplayed(ref: RunRef, by: string): Promise<void>;
  /** Gives the claim up so that another worker can go on, at once or when the wait is over. */
  release(claim: Claim, pause: RunPause): Promise<void>;
  appendLog(claim: Claim, part: number, lines: readonly LogLine[]): Promise<void>;
  /** All stored lines, oldest first, from a position on. */
  readLog(run: Run, page: { limit: number; after: string | undefined }): Promise<Slice<LogLine>>;
  /**
   * Writes the run of a nominal time with what it takes from its owner's account, unless it is there
   * already, and moves the schedule on from its next time, unless somebody else has. Doing it again
   * changes nothing.
   *
   * @param move left out when the schedule stays where it is
   */
  createScheduled(
    run: Run,
    move: ScheduleMove | undefined,
    admission: Admission,
  ): Promise<Admitted<{ readonly outcome: 'created' }>>;
  /** Open runs of one shard whose due time has come, earliest first. */
  due(
    shard: number,
    before: string,
    page: { limit: number; after: string | undefined },
  ): Promise<Slice<DueRef>>;
  /** Notes that a run waits for a slot; nothing is written once somebody has taken it up. */
  park(run: Run, waitingFor: WaitingFor): Promise<void>;
  /** Remembers what the sweeper saw and when it looks again; false when the run moved meanwhile. */
  watch(run: Run, dueAt: string): Promise<boolean>;
  /**
   * Takes a dead claim away; false when it is not the one that was seen.
   *
   * @param isCounted whether the run may have killed its worker, rather than died with it
   */
  breakClaim(run: Run, dueAt: string, isCounted: boolean): Promise<boolean>;
};
