import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '#dashboard/app/api/client.ts';
import type { Approval } from '#dashboard/app/api/generated/api.ts';
import { byLength, cursorOf, pages } from '#dashboard/app/api/lists.ts';
import { tell, tellProblem } from '#dashboard/app/components/toast.tsx';

const REFRESH_MS = 5_000;

/** What waits for the person. */
export function useApprovals() {
  return useInfiniteQuery({
    queryKey: ['approvals'],
    queryFn: ({ pageParam, signal }) =>
      call('listApprovals', { query: { limit: 25, ...cursorOf(pageParam) }, signal }),
    ...pages,
    refetchInterval: byLength(REFRESH_MS),
  });
}

/** What was decided about the person's runs; the log of acts has other acts between. */
export function usePastDecisions() {
  return useInfiniteQuery({
    queryKey: ['approvals', 'past'],
    queryFn: async ({ pageParam, signal }) => {
      const page = await call('listAudit', {
        query: { limit: 100, ...cursorOf(pageParam) },
        signal,
      });
      return { ...page, items: page.items.filter(({ action }) => isDecision(action)) };
    },
    ...pages,
  });
}

function isDecision(action: string): boolean {
  return action === 'approval.approved' || action === 'approval.rejected';
}

export type Verdict = 'approve' | 'reject';

/** Decides about a run that waits. */
export function useDecide(runId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ verdict, comment }: { verdict: Verdict; comment: string }) =>
      call(verdict === 'approve' ? 'approveRun' : 'rejectRun', {
        path: { run_id: runId },
        body: comment === '' ? {} : { comment },
      }),
    onSuccess: ({ status, agent_name }: Approval) =>
      tell(`${agent_name}: ${status === 'approved' ? 'approved' : 'rejected'}`),
    onError: (error) => tellProblem('Not decided', error),
    async onSettled() {
      await queries.invalidateQueries({ queryKey: ['approvals'] });
      await queries.invalidateQueries({ queryKey: ['runs'] });
    },
  });
}

/** The approval that a mailed link is about. @param token the part of the link after its #. */
export function readLinkedApproval(token: string, signal: AbortSignal) {
  return call('readLinkedApproval', { headers: { 'x-approval-token': token }, signal });
}

export function decideLinkedApproval(token: string, decision: Verdict, comment: string) {
  return call('decideLinkedApproval', {
    headers: { 'x-approval-token': token },
    body: { decision, ...(comment !== '' && { comment }) },
  });
}
