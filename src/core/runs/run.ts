import type { PlanName } from '#core/limits/plans';
import type { Payload } from '#core/payload';
import type { LogLine } from '#core/runs/run-log';

/** A run's life; the last four are final. */
export const runStatuses = [
  'queued',
  'running',
  'waiting',
  'waiting_approval',
  'success',
  'failed',
  'cancelled',
  'rejected',
] as const;
export type RunStatus = (typeof runStatuses)[number];

/** The statuses that a run never leaves. */
export const finalStatuses = ['success', 'failed', 'cancelled', 'rejected'] as const;
export type FinalStatus = (typeof finalStatuses)[number];

/** Whether a run in this status is over. */
export function isFinal(status: RunStatus): status is FinalStatus {
  return (finalStatuses as readonly RunStatus[]).includes(status);
}

/** Why a trigger led to no run. */
export type RejectReason = 'missed' | 'credits' | 'quota' | 'disabled';

/** What made a run start. */
export type TriggeredBy = 'schedule' | 'webhook' | 'manual' | 'replay';

/** The names that a run needs wherever it is passed on: queue messages carry only these. */
export type RunRef = { readonly userId: string; readonly runId: string };

/** What a trigger handed to the run, as templates see it under `trigger`. */
export type TriggerPayload = {
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** ISO 8601 */
  readonly received_at: string;
};

/** Why a run or a step failed, in words for the agent's owner. */
export type Failure = { readonly code: string; readonly message: string };

/** An attempt at a step that failed. */
export type FailedAttempt = Failure & {
  /** ISO 8601 */
  readonly at: string;
};

/** Why a run is not being worked on, and until when. */
export type WaitingFor =
  | {
      readonly kind: 'retry' | 'delay';
      /** ISO 8601 */
      readonly until: string;
    }
  /** As many runs as may be are executed. */
  | { readonly kind: 'slot'; readonly limit: number; readonly of: 'user' | 'agent' };

/** How a step is doing; the first three are final. */
export const stepStatuses = ['success', 'failed', 'skipped', 'waiting', 'running'] as const;
export type StepStatus = (typeof stepStatuses)[number];

/** The durable state of one step: its result, or how far it has come. */
export type StepRecord = {
  /** Where the step stands in the definition: `2`, `3.branches.0.1`, `3.otherwise.0`, `4[17].1`. */
  readonly path: string;
  /** Place in the list that the step belongs to, from 0. */
  readonly index: number;
  readonly id: string;
  readonly type: string;
  readonly status: StepStatus;
  readonly attempts: number;
  /** The attempts that failed before the newest one, oldest first. */
  readonly failures?: readonly FailedAttempt[];
  /** ISO 8601 */
  readonly startedAt: string;
  /** ISO 8601 */
  readonly finishedAt: string;
  /** While it waits: when the next attempt is due, ISO 8601. */
  readonly retryAt?: string;
  /** Of a delay or an approval: when its wait is over, ISO 8601. */
  readonly waitUntil?: string;
  /** Of a loop that is not over: how many of its first items are. */
  readonly itemsDone?: number;
  /** Of an approval: the config with which a step will be executed, exactly as it was approved. */
  readonly covers?: {
    readonly path: string;
    readonly config: Payload;
    /** Versions of the connections that it uses, by id. */
    readonly connections?: Readonly<Record<string, number>>;
  };
  /**
   * Of an approval: the steps that it could only show with placeholders. Whichever of them comes
   * first is to be approved again.
   */
  readonly asksAgain?: readonly string[];
  /** The resolved config; absent when it could not be resolved. */
  readonly input?: Payload;
  readonly output?: Payload;
  readonly error?: Failure;
  /** One line about the result, for people. */
  readonly summary?: string;
  /** Whether it was taken over from the run that this one replays. */
  readonly isReused?: boolean;
  /** US dollars that its attempts spent outside; of a loop or an item of one, those of its steps. */
  readonly costUsd?: number;
  /**
   * Credits that it cost beyond the price of its type; of a loop or an item of one, what its steps
   * cost. A loop that is not over has none yet.
   */
  readonly credits?: number;
  /** Credits that the run has reserved for it while it is not over. */
  readonly creditsReserved?: number;
};

/** A run as it is stored. Times are ISO 8601. */
export type Run = RunRef & {
  readonly agentId: string;
  readonly agentVersion: number;
  readonly status: RunStatus;
  readonly triggeredBy: TriggeredBy;
  readonly triggeredAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly error?: Failure;
  readonly outputSummary?: string;
  readonly trigger: Payload;
  /** By path, without those inside of loops, which are kept beside the run. */
  readonly steps: Readonly<Record<string, StepRecord>>;
  /** Days after its end for which the run and its log are kept. */
  readonly retentionDays: number;
  /** Time that earlier invocations worked on the run, in milliseconds; waiting does not count. */
  readonly workedMs: number;
  readonly waitingFor?: WaitingFor;
  /** How often the run has waited. */
  readonly waits: number;
  /** When somebody asked to cancel it, ISO 8601. */
  readonly cancelRequestedAt?: string;
  /** The run that this one replays. */
  readonly replayOf?: string;
  /** The newest run that replays this one. */
  readonly replayedBy?: string;
  /** Claims since the last checkpoint: a run that keeps killing its worker has many. */
  readonly claims: number;
  /** Times since the last checkpoint at which a store failed under a worker. */
  readonly faults: number;
  /** How often it has been claimed. */
  readonly epoch: number;
  /** The worker that executes the run now, if one does. */
  readonly claim?: { readonly owner: string; readonly epoch: number; readonly beat: number };
  /** Epoch and beat of the claim when the sweeper last looked. */
  readonly watched?: { readonly epoch: number; readonly beat: number };
  /** When the sweeper looks at the run next; absent once the run is over. */
  readonly dueAt?: string;
  /** How long after its nominal time a scheduled run was started, where that is worth saying. */
  readonly lateByMs?: number;
  /** The owner's plan when it was accepted. */
  readonly plan: PlanName;
  /** How many runs started each other up to this one; 0 when nobody's run did. */
  readonly depth: number;
  /** Credits that were taken from the balance when it was accepted, and for its loops since. */
  readonly creditsReserved: number;
  /** US dollars that its steps spent outside, once it is over. */
  readonly costUsd?: number;
  /** Credits that it cost, once it is over. */
  readonly creditsCharged?: number;
  /** Whether the account knows already that nothing is held for it any more. */
  readonly isSettled?: boolean;
  /** Why a run was never started, and how many triggers this row stands for. */
  readonly rejection?: { readonly reason: RejectReason; readonly count: number };
  /** Set once it is over: epoch seconds after which it may be deleted. */
  readonly expiresAt?: number;
  /** Digest of the dedupe key that came with the trigger. */
  readonly dedupeDigest?: string;
  /** Last lines of the log that have no item of their own. */
  readonly logTail: readonly LogLine[];
};

/** Whether a step is over, for better or worse. */
export function isOver({ status }: StepRecord): boolean {
  return status !== 'waiting' && status !== 'running';
}

/** Steps in the order in which they began. */
export function inOrder(records: Iterable<StepRecord>): StepRecord[] {
  return [...records].toSorted(
    (a, b) =>
      a.startedAt.localeCompare(b.startedAt) ||
      a.path.localeCompare(b.path, 'en', { numeric: true }),
  );
}

/** The right to write to a run: every write names it, and a newer claim makes it worthless. */
export type Claim = RunRef & { readonly owner: string; readonly epoch: number };
