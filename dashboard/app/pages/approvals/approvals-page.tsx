import { Link } from '@tanstack/react-router';
import { CircleCheckBig } from 'lucide-react';
import { useApprovals, useDecide } from '#dashboard/app/api/approvals.ts';
import type { Approval } from '#dashboard/app/api/generated/api.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { Page } from '#dashboard/app/components/page.tsx';
import { Bone, EmptyState, ProblemNote } from '#dashboard/app/components/state.tsx';
import { ApprovalCard } from '#dashboard/app/pages/approvals/approval-card.tsx';
import styles from '#dashboard/app/pages/approvals/approvals.module.css';
import { PastDecisions } from '#dashboard/app/pages/approvals/past-decisions.tsx';

/** What waits for the person's decision. */
export function ApprovalsPage() {
  const approvals = useApprovals();
  const items = approvals.data?.pages.flatMap((page) => page.items);
  return (
    <Page title="Approvals" isNarrow lead="Runs that wait for your decision.">
      {items === undefined ? (
        approvals.error ? (
          <ProblemNote error={approvals.error} onRetry={() => void approvals.refetch()} />
        ) : (
          <Bone height="14rem" />
        )
      ) : items.length === 0 ? (
        <EmptyState icon={<CircleCheckBig size={20} />} title="Nothing waits for you">
          When an agent reaches an approval step, it asks here and by e-mail.
        </EmptyState>
      ) : (
        <ul className={styles['list']}>
          {items.map((approval) => (
            <li key={`${approval.run_id} ${approval.step_path}`}>
              <Waiting approval={approval} />
            </li>
          ))}
        </ul>
      )}
      {approvals.hasNextPage && (
        <Button
          isBusy={approvals.isFetchingNextPage}
          onClick={() => void approvals.fetchNextPage()}
        >
          Load more
        </Button>
      )}
      <div className={styles['past']}>
        <PastDecisions />
      </div>
    </Page>
  );
}

function Waiting({ approval }: { readonly approval: Approval }) {
  const decide = useDecide(approval.run_id);
  return (
    <ApprovalCard
      approval={approval}
      title={
        <Link to="/app/runs/$runId" params={{ runId: approval.run_id }}>
          {approval.agent_name}
        </Link>
      }
      isBusy={decide.isPending}
      onDecide={(verdict, comment) => decide.mutate({ verdict, comment })}
    />
  );
}
