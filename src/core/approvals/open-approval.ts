import { createHash } from 'node:crypto';
import type {
  Approval,
  ApprovalContent,
  ApprovalStore,
  Approver,
  Decision,
} from '#core/approvals/approval';
import { approvalNotice } from '#core/approvals/approval-notice';
import { type DecideDeps, tellWorkflow, withdrawApprovals } from '#core/approvals/decide-approval';
import { ActionRejectedError, ActionUnavailableError } from '#core/errors';
import type { RandomBytes } from '#core/ids';
import type { Mailer } from '#core/mail/mail';
import type { Profiles } from '#core/mail/profiles';
import type { Log } from '#core/ports';
import type { PayloadStore } from '#core/runs/payload-store';
import { isFinal, type RunRef } from '#core/runs/run';
import type { RunStore } from '#core/runs/run-store';

/** Bytes of randomness in a token: nobody guesses it. */
const TOKEN_BYTES = 32;

/** Bytes of the message and the preview that stay in the approval's own item. */
const INLINE_ROOM = 512;

/** What a step asks people for. */
export type ApprovalRequest = {
  readonly run: RunRef;
  readonly agentId: string;
  readonly agentName: string;
  readonly stepPath: string;
  readonly stepId: string;
  /** What is shown, with placeholders resolved. */
  readonly content: ApprovalContent;
  readonly contentHash: string;
  /** E-mail addresses; then only they decide. Empty means the owner. */
  readonly approvers: readonly string[];
  /** Epoch milliseconds at which it times out. */
  readonly expiresAt: number;
  readonly onTimeout: 'approve' | 'reject';
  /** What lets the workflow go on. */
  readonly taskToken: string;
};

/** What opening an approval works with. */
export type OpenApprovalDeps = DecideDeps & {
  readonly approvals: ApprovalStore;
  readonly runs: Pick<RunStore, 'find'>;
  readonly payloads: Pick<PayloadStore, 'put'>;
  readonly mail: Mailer;
  readonly profiles: Profiles;
  readonly randomBytes: RandomBytes;
  readonly log: Log;
  /** Base of the links, without a slash at the end. */
  readonly publicUrl: string;
};

/** How one approver was told; a problem is in words for the agent's owner. */
export type NoticeReport = { readonly to: string; readonly problem?: string };

/** An approval that is open, or was decided before. */
export type OpenedApproval = {
  readonly decision?: Decision;
  /** Empty where nobody has an address: the approval is in the inbox all the same. */
  readonly notices: readonly NoticeReport[];
};

/**
 * Opens an approval and tells those who decide. Everything is durable before anybody is told, and
 * doing it again is fine: the newest task token counts, and whoever was told is told once more. Of
 * a run that has ended meanwhile, nobody is asked.
 *
 * An e-mail that cannot be sent is reported, not thrown: the approval waits in the inbox.
 */
export async function openApproval(
  request: ApprovalRequest,
  deps: OpenApprovalDeps,
): Promise<OpenedApproval> {
  const approval = await newApproval(request, deps);
  const invitations = approversOf(approval).map((approver) => {
    const token = Buffer.from(deps.randomBytes(TOKEN_BYTES)).toString('base64url');
    return { approver, token, digest: tokenDigest(token) };
  });
  const asked = await deps.approvals.open(
    approval,
    invitations.map(({ approver, digest }) => ({ approver, digest })),
  );
  if (asked.decision !== undefined) {
    // The workflow has asked again, with a new token, after somebody has decided.
    await tellWorkflow(asked, deps);
    return { decision: asked.decision, notices: [] };
  }
  // Whoever has ended it meanwhile found nothing yet to withdraw.
  const run = await deps.runs.find(request.run);
  if (run === undefined || isFinal(run.status)) {
    await withdrawApprovals(request.run, deps);
    return { notices: [] };
  }
  const reports = await Promise.all(
    invitations.map(({ approver, token }) =>
      notify(asked, request.content.message, approver, token, deps),
    ),
  );
  return { notices: reports.flatMap((report) => report ?? []) };
}

/** How a token is known at rest. */
export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** Who decides: those who were named, else the owner. */
export function approversOf(approval: Pick<Approval, 'approvers' | 'userId'>): Approver[] {
  if (approval.approvers.length === 0) return [{ kind: 'owner', userId: approval.userId }];
  return approval.approvers.map((email) => ({ kind: 'named', email }));
}

async function newApproval(
  { run, content, approvers, expiresAt, ...request }: ApprovalRequest,
  { payloads, clock }: OpenApprovalDeps,
): Promise<Approval> {
  const json = JSON.stringify(content);
  return {
    userId: run.userId,
    runId: run.runId,
    ...request,
    approvers: [...new Set(approvers.map((address) => address.toLowerCase()))],
    content: await payloads.put(run, `${request.stepPath}.approval`, json, INLINE_ROOM),
    requestedAt: new Date(clock.now()).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
  };
}

async function notify(
  approval: Approval,
  message: string,
  approver: Approver,
  token: string,
  deps: OpenApprovalDeps,
): Promise<NoticeReport | undefined> {
  const to =
    approver.kind === 'named' ? approver.email : await deps.profiles.emailOf(approver.userId);
  if (to === undefined) return undefined;
  try {
    await deps.mail.send(
      approvalNotice(approval, message, { to, token, publicUrl: deps.publicUrl }),
    );
    return { to };
  } catch (error) {
    const isExpected =
      error instanceof ActionRejectedError || error instanceof ActionUnavailableError;
    if (!isExpected) deps.log.error('approval not mailed', { runId: approval.runId, error });
    const problem = isExpected ? error.message : 'It could not be sent; this is a fault of ours.';
    return { to, problem };
  }
}
