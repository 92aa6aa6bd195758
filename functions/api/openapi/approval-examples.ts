import type { ApprovalView, LinkedApprovalView } from '#core/api/approval';
import type { OperationExample } from '#functions/api/openapi/example';
import { AGENT_ID, RUN_ID } from '#functions/api/openapi/example-ids';

const asked = {
  agent_name: 'Invoices',
  status: 'waiting' as const,
  message: 'Pay 120 € to Ada?',
  preview: [
    {
      id: 'pay',
      type: 'http',
      name: null,
      comes: 'next' as const,
      resolved: true,
      config: { method: 'POST', url: 'https://bank.example.com/payments', body: { amount: 120 } },
      connections: [],
    },
  ],
  requested_at: '2026-12-01T09:00:00.000Z',
  expires_at: '2026-12-08T09:00:00.000Z',
  on_timeout: 'reject' as const,
  decision: null,
};

const decided = (via: 'api' | 'link') => ({
  ...asked,
  status: 'approved' as const,
  decision: {
    outcome: 'approved' as const,
    by: 'owner',
    via,
    at: '2026-12-01T09:12:30.000Z',
    comment: 'Fine.',
  },
});

const approvalIds = {
  run_id: RUN_ID,
  agent_id: AGENT_ID,
  step_id: 'ask',
  step_path: '0',
  approvers: [],
};

const waiting: ApprovalView = { ...approvalIds, ...asked };
const rejected: ApprovalView = {
  ...approvalIds,
  ...asked,
  status: 'rejected',
  decision: { ...decided('api').decision, outcome: 'rejected' },
};
const linked: LinkedApprovalView = { ...asked, deciding_as: 'owner' };

const TOKEN = 'pI4nQk3sQ0yV1zJm7bS2cT9dU5eW6fX8gY0hZ1iA2jB';

/** Calls about approvals. */
export const approvalExamples: Readonly<Record<string, OperationExample>> = {
  listApprovals: {
    query: { limit: 25 },
    answers: { 200: { items: [waiting], next_cursor: null } },
  },
  approveRun: {
    params: { run_id: RUN_ID },
    body: { comment: 'Fine.' },
    answers: { 200: { ...approvalIds, ...decided('api') } },
  },
  rejectRun: {
    params: { run_id: RUN_ID },
    body: { comment: 'Fine.' },
    answers: { 200: rejected },
  },
  readLinkedApproval: {
    headers: { 'X-Approval-Token': TOKEN },
    answers: { 200: linked },
  },
  decideLinkedApproval: {
    headers: { 'X-Approval-Token': TOKEN },
    body: { decision: 'approve', comment: 'Fine.' },
    answers: { 200: { ...decided('link'), deciding_as: 'owner' } },
  },
};
