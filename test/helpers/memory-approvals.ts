import {
  type Approval,
  type ApprovalRef,
  type ApprovalStore,
  type Approver,
  inboxPosition,
} from '#core/approvals/approval';

/** An approval store in memory that keeps the port's promises: one decision. */
export function memoryApprovals() {
  const approvals = new Map<string, Approval>();
  const doors = new Map<string, { ref: ApprovalRef; approver: Approver }>();
  const due = new Map<string, string>();
  const keyOf = ({ userId, ...ref }: ApprovalRef) => `${userId}#${inboxPosition(ref)}`;
  const refOf = ({ userId, runId, stepPath }: Approval): ApprovalRef => ({
    userId,
    runId,
    stepPath,
  });
  const same = (a: Approver, b: Approver) => JSON.stringify(a) === JSON.stringify(b);
  const refsFor = (approver: Approver) =>
    [...new Set([...doors.values()].filter((door) => same(door.approver, approver)))].map(
      ({ ref }) => ref,
    );

  const store: ApprovalStore = {
    async open(approval, added) {
      for (const { digest, approver } of added) {
        doors.set(digest, { ref: refOf(approval), approver });
      }
      const { toldAt: _, ...stored } = approvals.get(keyOf(approval)) ?? approval;
      const opened = { ...stored, taskToken: approval.taskToken };
      approvals.set(keyOf(approval), opened);
      due.set(keyOf(approval), approval.expiresAt);
      return opened;
    },
    find: async (ref) => approvals.get(keyOf(ref)),
    findDoor: async (digest) => doors.get(digest),
    ofRun: async ({ userId, runId }) =>
      [...approvals.values()].filter((one) => one.userId === userId && one.runId === runId),
    async decide(ref, decision, recheckAt) {
      const approval = approvals.get(keyOf(ref));
      if (approval === undefined) return { outcome: 'missing' };
      if (approval.decision !== undefined) return { outcome: 'already', approval };
      const told = recheckAt === undefined && { toldAt: decision.at };
      const decided = { ...approval, decision, ...told };
      approvals.set(keyOf(ref), decided);
      if (recheckAt === undefined) due.delete(keyOf(ref));
      else due.set(keyOf(ref), recheckAt);
      return { outcome: 'decided', approval: decided };
    },
    async markTold(ref, at) {
      const approval = approvals.get(keyOf(ref));
      if (approval) approvals.set(keyOf(ref), { ...approval, toldAt: at });
      due.delete(keyOf(ref));
    },
    async postpone(ref, until) {
      due.set(keyOf(ref), until);
    },
    async inbox(approver, { limit, after }) {
      const open = refsFor(approver)
        .filter((ref) => approvals.get(keyOf(ref))?.decision === undefined)
        .filter((ref) => after === undefined || inboxPosition(ref) < after)
        .toSorted((a, b) => (inboxPosition(a) < inboxPosition(b) ? 1 : -1));
      const items = open.slice(0, limit);
      const last = items.at(-1);
      return { items, next: open.length > limit && last ? inboxPosition(last) : undefined };
    },
    askedFor: async (approver, runId) => refsFor(approver).filter((ref) => ref.runId === runId),
  };
  return { store, due: (ref: ApprovalRef) => due.get(keyOf(ref)) };
}
