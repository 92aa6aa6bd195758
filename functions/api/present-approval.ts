import type { ApprovalView, DecisionView, LinkedApprovalView } from '#core/api/approval';
import type { Approval, ApprovalContent, Approver, Decision } from '#core/approvals/approval';
import { decisionAt } from '#core/approvals/decide-approval';
import type { PayloadStore } from '#core/runs/payload-store';

type Setting = { readonly payloads: Pick<PayloadStore, 'get'>; readonly now: number };

/** An approval for somebody who is signed in. */
export async function presentApproval(approval: Approval, setting: Setting): Promise<ApprovalView> {
  return {
    run_id: approval.runId,
    agent_id: approval.agentId,
    step_id: approval.stepId,
    step_path: approval.stepPath,
    approvers: [...approval.approvers],
    ...(await shownOf(approval, setting)),
  };
}

/** An approval for the holder of a link: no ids, nothing that is of use elsewhere. */
export async function presentLinkedApproval(
  approval: Approval,
  approver: Approver,
  setting: Setting,
): Promise<LinkedApprovalView> {
  return { ...(await shownOf(approval, setting)), deciding_as: nameOf(approver) ?? '' };
}

async function shownOf(approval: Approval, { payloads, now }: Setting) {
  const { message, preview } = JSON.parse(
    await payloads.get(approval, approval.content),
  ) as ApprovalContent;
  const decision = decisionAt(approval, now);
  return {
    agent_name: approval.agentName,
    status: decision?.outcome ?? ('waiting' as const),
    message,
    preview: preview.map(({ id, type, name, comes, isResolved, config, connections = [] }) => ({
      id,
      type,
      name: name ?? null,
      comes,
      resolved: isResolved,
      config: config as LinkedApprovalView['preview'][number]['config'],
      connections: [...connections],
    })),
    requested_at: approval.requestedAt,
    expires_at: approval.expiresAt,
    on_timeout: approval.onTimeout,
    decision: decision ? presentDecision(decision) : null,
  };
}

function presentDecision({ outcome, by, via, at, comment }: Decision): DecisionView {
  return { outcome, by: nameOf(by), via, at, comment: comment ?? null };
}

function nameOf(by: Decision['by']): string | null {
  if (by.kind === 'nobody') return null;
  return by.kind === 'named' ? by.email : 'owner';
}
