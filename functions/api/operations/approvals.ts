import {
  ApprovalPage,
  ApprovalView,
  DecisionComment,
  LinkedApprovalView,
  LinkedDecision,
} from '#core/api/approval';
import type { Approval, Approver } from '#core/approvals/approval';
import { alreadyDecided, approvalOfRun, waitingFor } from '#core/approvals/approval-inbox';
import { decideApproval, type Verdict } from '#core/approvals/decide-approval';
import { tokenDigest } from '#core/approvals/open-approval';
import { decodeCursor, encodeCursor, PageQuery } from '#core/cursor';
import { notFound, RequestError } from '#core/errors';
import { isId } from '#core/ids';
import type { ApiDeps } from '#functions/api/deps';
import { noteAct } from '#functions/api/note-act';
import { type Call, defineOperation, type Operation, reply } from '#functions/api/operation';
import { presentApproval, presentLinkedApproval } from '#functions/api/present-approval';

const TOKEN_HEADER = { 'X-Approval-Token': 'The part of the mailed link after its #.' };

/** What the page learns must not leak to where it leads next. */
const PRIVATE = { 'referrer-policy': 'no-referrer' };

/** What may be wrong with an approval that is asked for by its run. */
const BY_RUN = ['forbidden', 'conflict'] as const;

/** Approvals: the inbox, deciding by run, and the public door of mailed links. */
export function approvalOperations(deps: ApiDeps): Operation[] {
  const setting = () => ({ payloads: deps.payloads, now: deps.clock.now() });

  const decide = async (approval: Approval, verdict: Verdict): Promise<Approval> => {
    const decided = await decideApproval(approval, verdict, deps);
    if (decided.outcome === 'missing') throw notFound('approval');
    const { decision } = decided.approval;
    if (decided.outcome === 'already' && decision) throw alreadyDecided(decision);
    return decided.approval;
  };

  const byRun = async (
    outcome: Verdict['outcome'],
    call: Call<unknown, { comment?: string | undefined }>,
  ) => {
    const { caller, params, body } = call;
    const runId = params['run_id'] ?? '';
    if (!isId('run', runId)) throw notFound('run');
    const { approval, approver } = await approvalOfRun(caller, runId, deps);
    const verdict = { outcome, by: approver, via: 'api' as const, ...commentOf(body) };
    const decided = await decide(approval, verdict);
    const { userId, email } = caller;
    const actor = { kind: 'user', userId, ...(email !== undefined && { email }) } as const;
    await noteAct(call, { ...decisionOf(decided, outcome), actor }, deps);
    return reply(200, await presentApproval(decided, setting()));
  };

  const behindLink = async (headers: Call<unknown, unknown>['headers']) => {
    const token = headers['x-approval-token'] ?? '';
    const door = await deps.approvals.findDoor(tokenDigest(token));
    const approval = door && (await deps.approvals.find(door.ref));
    if (approval === undefined) throw notFound('approval');
    return { approval, approver: door?.approver as Approver };
  };

  return [
    defineOperation({
      id: 'listApprovals',
      tag: 'Approvals',
      method: 'GET',
      path: '/api/agents/approvals',
      summary: 'List what waits for your decision, newest first',
      description:
        'Approvals of your own runs, unless they name others, and those that name the e-mail address that you have verified at sign-in.',
      query: PageQuery,
      answers: { 200: { description: 'A page of open approvals.', schema: ApprovalPage } },
      async handle({ caller, query }) {
        const list = `approvals ${caller.userId}`;
        const after = decodeCursor(list, query.cursor);
        const page = await waitingFor(caller, { limit: query.limit, after }, deps);
        const items = await Promise.all(
          page.items.map(({ approval }) => presentApproval(approval, setting())),
        );
        return reply(200, { items, next_cursor: encodeCursor(list, page.next) });
      },
    }),
    defineOperation({
      id: 'approveRun',
      tag: 'Approvals',
      method: 'POST',
      path: '/api/agents/runs/{run_id}/approve',
      summary: 'Approve what a run waits for',
      description:
        'The first decision wins: 409 names who was faster. The run goes on at once with what was shown.',
      body: DecisionComment,
      answers: { 200: { description: 'The decided approval.', schema: ApprovalView } },
      errors: BY_RUN,
      handle: (call) => byRun('approved', call),
    }),
    defineOperation({
      id: 'rejectRun',
      tag: 'Approvals',
      method: 'POST',
      path: '/api/agents/runs/{run_id}/reject',
      summary: 'Reject what a run waits for',
      description: 'The first decision wins: 409 names who was faster. The run ends as cancelled.',
      body: DecisionComment,
      answers: { 200: { description: 'The decided approval.', schema: ApprovalView } },
      errors: BY_RUN,
      handle: (call) => byRun('rejected', call),
    }),
    defineOperation({
      id: 'readLinkedApproval',
      tag: 'Approvals',
      method: 'GET',
      path: '/api/approvals',
      isPublic: true,
      summary: 'See what a mailed link asks for',
      description:
        'It never decides anything, however often and by whatever program it is called. After the time is up, or a decision, it says what became of it.',
      headers: TOKEN_HEADER,
      answers: { 200: { description: 'The approval.', schema: LinkedApprovalView } },
      errors: ['not_found'],
      async handle({ headers }) {
        const { approval, approver } = await behindLink(headers);
        return reply(200, await presentLinkedApproval(approval, approver, setting()), PRIVATE);
      },
    }),
    defineOperation({
      id: 'decideLinkedApproval',
      tag: 'Approvals',
      method: 'POST',
      path: '/api/approvals',
      isPublic: true,
      summary: 'Approve or reject what a mailed link asks for',
      description:
        'Whoever has the link decides in the name of the one that it was sent to. The first decision wins: 409 names who was faster.',
      headers: TOKEN_HEADER,
      body: LinkedDecision,
      answers: { 200: { description: 'The decided approval.', schema: LinkedApprovalView } },
      errors: ['not_found', 'forbidden', 'conflict'],
      async handle(call) {
        const { headers, body } = call;
        refuseForeignPages(headers, deps.publicUrl);
        const { approval, approver } = await behindLink(headers);
        const outcome = body.decision === 'approve' ? 'approved' : 'rejected';
        const decided = await decide(approval, {
          outcome,
          by: approver,
          via: 'link',
          ...commentOf(body),
        });
        const who =
          approver.kind === 'owner' ? { userId: approver.userId } : { email: approver.email };
        const actor = { kind: 'mailed_link', ...who } as const;
        await noteAct(call, { ...decisionOf(decided, outcome), actor }, deps);
        return reply(200, await presentLinkedApproval(decided, approver, setting()), PRIVATE);
      },
    }),
  ];
}

/** The decision as it is written down for the run's owner. */
function decisionOf(approval: Approval, outcome: Verdict['outcome']) {
  const { agentId, agentName, stepPath, decision } = approval;
  return {
    action: `approval.${outcome}` as const,
    account: approval.userId,
    target: approval.runId,
    details: {
      agent_id: agentId,
      agent_name: agentName,
      step: stepPath,
      ...commentOf({ comment: decision?.comment }),
    },
  };
}

function commentOf({ comment }: { readonly comment?: string | undefined }) {
  return comment ? { comment } : {};
}

/** A page of another site cannot send the token's header; what a browser says about it is heeded as well. */
function refuseForeignPages(
  headers: Readonly<Record<string, string | undefined>>,
  publicUrl: string,
): void {
  const site = headers['sec-fetch-site'];
  const origin = headers['origin'];
  const own = [
    new URL(publicUrl).origin,
    `http://${headers['host']}`,
    `https://${headers['host']}`,
  ];
  const isForeign =
    site === undefined ? origin !== undefined && !own.includes(origin) : site === 'cross-site';
  if (isForeign) throw new RequestError('forbidden', "Another site's page may not decide this.");
}
