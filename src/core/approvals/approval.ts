import type { ConnectionVersion } from '#core/connections/connection';
import type { Payload } from '#core/payload';
import type { Slice } from '#core/ports';
import type { RunRef } from '#core/runs/run';

/** Names an approval: a run has at most one at each place. */
export type ApprovalRef = RunRef & {
  /** Where it stands in the definition. The engine chooses it; asking again needs another one. */
  readonly stepPath: string;
};

/** Somebody who may decide: the owner of the run, or a person who was named by e-mail address. */
export type Approver =
  | { readonly kind: 'owner'; readonly userId: string }
  /** The address in lower case. */
  | { readonly kind: 'named'; readonly email: string };

/**
 * When an action comes that an approval shows: right behind it, or, where it is the last step for an
 * item of a loop, for the next item or behind the loop.
 */
export const comings = ['next', 'next_item', 'after_loop'] as const;
export type Coming = (typeof comings)[number];

/** What an action after the approval will do, for the approver to see. */
export type PreviewedAction = {
  readonly stepPath: string;
  readonly id: string;
  readonly type: string;
  readonly name?: string;
  readonly comes: Coming;
  /** Whether this is what will be executed verbatim; else it still has placeholders. */
  readonly isResolved: boolean;
  /** The action's config, with secrets masked. */
  readonly config: unknown;
  /** The connections that it uses, as they are when it is shown; absent for none. */
  readonly connections?: readonly ConnectionVersion[];
};

/** What an approver is shown. */
export type ApprovalContent = {
  readonly message: string;
  readonly preview: readonly PreviewedAction[];
};

/** How an approval ended, and who did it. It is written once. */
export type Decision = {
  /** `withdrawn`: the run ended before anybody decided. */
  readonly outcome: 'approved' | 'rejected' | 'withdrawn';
  /** `nobody` for a time-out and for a run that ended. */
  readonly by: Approver | { readonly kind: 'nobody' };
  readonly via: 'link' | 'api' | 'timeout' | 'run_ended';
  /** ISO 8601 */
  readonly at: string;
  readonly comment?: string;
};

/** An approval as it is stored. Times are ISO 8601. */
export type Approval = ApprovalRef & {
  readonly agentId: string;
  readonly agentName: string;
  readonly stepId: string;
  /** Lower-case e-mail addresses; empty means the owner. */
  readonly approvers: readonly string[];
  /** The JSON of an {@link ApprovalContent}. */
  readonly content: Payload;
  /** Digest of everything that was approved: a replay counts the decision only if it is the same. */
  readonly contentHash: string;
  readonly onTimeout: 'approve' | 'reject';
  readonly requestedAt: string;
  /** From then on it has timed out. */
  readonly expiresAt: string;
  /** What lets the workflow go on. It never leaves the server. */
  readonly taskToken: string;
  readonly decision?: Decision;
  /** When the workflow was told. */
  readonly toldAt?: string;
};

/** One way in: a token that was mailed, known by its digest, and a place in somebody's inbox. */
export type ApprovalDoor = {
  readonly approver: Approver;
  /** SHA-256 of the token, base64url. */
  readonly digest: string;
};

/** How an attempt to decide ended. */
export type DecideOutcome =
  | { readonly outcome: 'decided'; readonly approval: Approval }
  /** Somebody was faster: the approval says who. */
  | { readonly outcome: 'already'; readonly approval: Approval }
  | { readonly outcome: 'missing' };

/** Where approvals live. */
export type ApprovalStore = {
  /**
   * Writes an open approval, with the doors that lead to it. When it is there already, its task
   * token is replaced and doors are added; all else stays as it was.
   *
   * @returns what is stored now, with the decision if there is one
   */
  open(approval: Approval, doors: readonly ApprovalDoor[]): Promise<Approval>;
  find(ref: ApprovalRef): Promise<Approval | undefined>;
  /** The only look-up without an owner: whoever has a mailed token knows nothing else. */
  findDoor(
    digest: string,
  ): Promise<{ readonly ref: ApprovalRef; readonly approver: Approver } | undefined>;
  /** All of a run, in the order in which they were requested. */
  ofRun(run: RunRef): Promise<readonly Approval[]>;
  /**
   * Writes the decision, unless there is one.
   *
   * @param recheckAt ISO 8601, when the sweeper makes sure that the workflow knows; undefined when
   *   it needs no telling
   */
  decide(
    ref: ApprovalRef,
    decision: Decision,
    recheckAt: string | undefined,
  ): Promise<DecideOutcome>;
  /** Notes that the workflow knows of the decision. */
  markTold(ref: ApprovalRef, at: string): Promise<void>;
  /** Lets the sweeper come back later. */
  postpone(ref: ApprovalRef, until: string): Promise<void>;
  /** Open approvals that wait for somebody, newest first; `after` is a position of {@link inboxPosition}. */
  inbox(
    approver: Approver,
    page: { limit: number; after: string | undefined },
  ): Promise<Slice<ApprovalRef>>;
  /** Approvals of one run that this person was asked for, decided ones too. */
  askedFor(approver: Approver, runId: string): Promise<readonly ApprovalRef[]>;
};

/** Lets a waiting workflow go on. */
export type WorkflowWaker = {
  /** Resolves also when nothing waits for the token any more. */
  wake(taskToken: string): Promise<void>;
};

/** Where an approval stands in everybody's inbox: run ids sort by time. */
export function inboxPosition({
  runId,
  stepPath,
}: Pick<ApprovalRef, 'runId' | 'stepPath'>): string {
  return `${runId}#${stepPath}`;
}
