import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { useEffect } from 'react';
import {
  decideLinkedApproval,
  readLinkedApproval,
  type Verdict,
} from '#dashboard/app/api/approvals.ts';
import type { Decision, LinkedApproval } from '#dashboard/app/api/generated/api.ts';
import { isNotFound } from '#dashboard/app/api/problem.ts';
import { Badge } from '#dashboard/app/components/badge.tsx';
import { BrandMark } from '#dashboard/app/components/brand.tsx';
import { Bone, ProblemNote } from '#dashboard/app/components/state.tsx';
import { fullTime } from '#dashboard/app/format/time.ts';
import { ApprovalCard } from '#dashboard/app/pages/approvals/approval-card.tsx';
import styles from '#dashboard/app/pages/approvals/approvals.module.css';
import plain from '#dashboard/app/shell/plain.module.css';

/**
 * Where a mailed link leads: one question, two answers, no account needed. The token stands behind the #,
 * which browsers send to no server.
 */
export function ApprovePage() {
  // Another link that is opened in the same tab changes nothing but what stands behind the #.
  const token = useLocation({ select: ({ hash }) => hash });
  useEffect(() => {
    document.title = 'Approval · CrucibAI Agents';
  }, []);
  return (
    <main className={plain['plain']}>
      <div className={`${plain['card']} ${plain['wide']}`}>
        <div className={plain['brand']}>
          <BrandMark /> CrucibAI Agents
        </div>
        <h1>Your approval is asked for</h1>
        {token === '' ? (
          <p className={plain['note']}>
            This address is not complete. Open the link in the e-mail again, all of it.
          </p>
        ) : (
          <Question key={token} token={token} />
        )}
      </div>
    </main>
  );
}

function Question({ token }: { readonly token: string }) {
  const queries = useQueryClient();
  const key = ['linked-approval', token];
  const approval = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => readLinkedApproval(token, signal),
    retry: false,
  });
  const decide = useMutation({
    mutationFn: ({ verdict, comment }: { verdict: Verdict; comment: string }) =>
      decideLinkedApproval(token, verdict, comment),
    onSuccess: (decided) => queries.setQueryData<LinkedApproval>(key, decided),
    onError: () => queries.invalidateQueries({ queryKey: key }),
  });
  return (
    <>
      {approval.error && (
        <ProblemNote
          error={approval.error}
          {...(!isNotFound(approval.error) && { onRetry: () => void approval.refetch() })}
        />
      )}
      {decide.error && <ProblemNote error={decide.error} />}
      {approval.isLoading && <Bone height="12rem" />}
      {approval.data?.decision && <Decided decision={approval.data.decision} />}
      {approval.data && !approval.data.decision && (
        <>
          <ApprovalCard
            approval={approval.data}
            title={approval.data.agent_name}
            isBusy={decide.isPending}
            onDecide={(verdict, comment) => decide.mutate({ verdict, comment })}
          />
          <p className={plain['note']}>You decide as {approval.data.deciding_as}.</p>
        </>
      )}
    </>
  );
}

const outcomes: Record<Decision['outcome'], { tone: 'green' | 'red' | 'grey'; label: string }> = {
  approved: { tone: 'green', label: 'Approved' },
  rejected: { tone: 'red', label: 'Rejected' },
  withdrawn: { tone: 'grey', label: 'No longer needed' },
};

function Decided({ decision }: { readonly decision: Decision }) {
  const { tone, label } = outcomes[decision.outcome];
  return (
    <div className={styles['decided']} role="status">
      <Badge tone={tone}>{label}</Badge>
      <p>
        {whoDecided(decision)} {fullTime(decision.at)}.
      </p>
      {decision.comment && <p className={styles['message']}>{decision.comment}</p>}
      <p className={plain['note']}>You may close this page.</p>
    </div>
  );
}

function whoDecided({ by, via }: Decision): string {
  if (via === 'timeout') return 'Nobody decided in time; the time was up on';
  return by === null ? 'Decided on' : `Decided by ${by} on`;
}
