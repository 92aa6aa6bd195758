import type {
  Approval,
  ApprovalRef,
  ApprovalStore,
  Approver,
  DecideOutcome,
  Decision,
  WorkflowWaker,
} from '#core/approvals/approval';
import type { Clock, Log } from '#core/ports';
import type { RunRef } from '#core/runs/run';

/** After this the sweeper makes sure that the workflow knows of a decision, in milliseconds. */
const RECHECK_MS = 30_000;

/** What deciding works with. */
export type DecideDeps = {
  readonly approvals: ApprovalStore;
  readonly workflow: WorkflowWaker;
  readonly clock: Clock;
  readonly log: Log;
};

/** What a person decides. */
export type Verdict = {
  readonly outcome: 'approved' | 'rejected';
  readonly by: Approver;
  readonly via: 'link' | 'api';
  readonly comment?: string;
};

/**
 * Decides. The decision is durable before the workflow is told of it; when telling fails, the
 * sweeper does it. The first decision wins, and a time-out that is due counts as one.
 */
export async function decideApproval(
  ref: ApprovalRef,
  verdict: Verdict,
  deps: DecideDeps,
): Promise<DecideOutcome> {
  const approval = await deps.approvals.find(ref);
  if (approval === undefined) return { outcome: 'missing' };
  if (approval.decision !== undefined) return { outcome: 'already', approval };
  const now = deps.clock.now();
  if (hasTimedOut(approval, now)) {
    const settled = await decideAndTell(approval, timeoutDecision(approval), deps);
    return settled.outcome === 'decided' ? { ...settled, outcome: 'already' } : settled;
  }
  return decideAndTell(approval, { ...verdict, at: new Date(now).toISOString() }, deps);
}

/**
 * What has been decided, for a workflow that goes on by itself: it was told, its own wait has
 * ended, or it starts again. A time-out that is due is written now.
 *
 * @returns undefined while it is open, and when there is no such approval
 */
export async function settledDecision(
  ref: ApprovalRef,
  deps: Pick<DecideDeps, 'approvals' | 'clock'>,
): Promise<Decision | undefined> {
  const approval = await deps.approvals.find(ref);
  if (approval === undefined || approval.decision !== undefined) return approval?.decision;
  if (!hasTimedOut(approval, deps.clock.now())) return undefined;
  const settled = await deps.approvals.decide(ref, timeoutDecision(approval), undefined);
  return settled.outcome === 'missing' ? undefined : settled.approval.decision;
}

/** Closes what a run still asks for, because the run has ended. Repeating it is fine. */
export async function withdrawApprovals(
  run: RunRef,
  deps: Pick<DecideDeps, 'approvals' | 'clock'>,
): Promise<void> {
  const decision: Decision = {
    outcome: 'withdrawn',
    by: { kind: 'nobody' },
    via: 'run_ended',
    at: new Date(deps.clock.now()).toISOString(),
  };
  const open = (await deps.approvals.ofRun(run)).filter((one) => one.decision === undefined);
  for (const approval of open) await deps.approvals.decide(approval, decision, undefined);
}

/**
 * Sees to an approval whose due time has come: tells the workflow what it may not know, and decides
 * what has timed out.
 */
export async function tendApproval(ref: ApprovalRef, deps: DecideDeps): Promise<void> {
  const approval = await deps.approvals.find(ref);
  if (approval === undefined) return;
  if (approval.decision !== undefined) {
    if (approval.toldAt === undefined) await tellWorkflow(approval, deps);
  } else if (hasTimedOut(approval, deps.clock.now())) {
    await decideAndTell(approval, timeoutDecision(approval), deps);
  } else {
    await deps.approvals.postpone(ref, approval.expiresAt);
  }
}

/** Lets the workflow go on, and notes that it was told. */
export async function tellWorkflow(approval: Approval, deps: DecideDeps): Promise<void> {
  await deps.workflow.wake(approval.taskToken);
  await deps.approvals.markTold(approval, new Date(deps.clock.now()).toISOString());
}

async function decideAndTell(
  ref: ApprovalRef,
  decision: Decision,
  deps: DecideDeps,
): Promise<DecideOutcome> {
  const recheckAt = new Date(deps.clock.now() + RECHECK_MS).toISOString();
  const decided = await deps.approvals.decide(ref, decision, recheckAt);
  if (decided.outcome !== 'decided') return decided;
  try {
    await tellWorkflow(decided.approval, deps);
  } catch (error) {
    deps.log.warn('workflow not told of a decision yet', { runId: ref.runId, error });
  }
  return decided;
}

/** The decision that counts at a moment: also one by time-out that nobody has written yet. */
export function decisionAt(approval: Approval, now: number): Decision | undefined {
  if (approval.decision !== undefined) return approval.decision;
  return hasTimedOut(approval, now) ? timeoutDecision(approval) : undefined;
}

function hasTimedOut(approval: Approval, now: number): boolean {
  return Date.parse(approval.expiresAt) <= now;
}

/** The time at which it was due, not the one at which somebody noticed. */
function timeoutDecision({ onTimeout, expiresAt }: Approval): Decision {
  return {
    outcome: onTimeout === 'approve' ? 'approved' : 'rejected',
    by: { kind: 'nobody' },
    via: 'timeout',
    at: expiresAt,
  };
}
