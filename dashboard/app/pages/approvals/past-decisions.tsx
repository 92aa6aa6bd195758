import { Link } from '@tanstack/react-router';
import { History } from 'lucide-react';
import { usePastDecisions } from '#dashboard/app/api/approvals.ts';
import type { Answer } from '#dashboard/app/api/client.ts';
import { tableSource } from '#dashboard/app/api/lists.ts';
import { Badge } from '#dashboard/app/components/badge.tsx';
import { Button } from '#dashboard/app/components/button.tsx';
import { type Column, DataTable } from '#dashboard/app/components/data-table.tsx';
import { Panel } from '#dashboard/app/components/panel.tsx';
import { EmptyState } from '#dashboard/app/components/state.tsx';
import { RelativeTime } from '#dashboard/app/components/time.tsx';

type Act = Answer<'listAudit'>['items'][number];

/** Who decided what about the person's runs, or that nobody did in time; newest first. */
export function PastDecisions() {
  const decisions = usePastDecisions();
  const source = tableSource(decisions);
  if (source.rows?.length === 0 && !source.hasMore) return null;
  return (
    <Panel
      title="Past decisions"
      note="What was decided about your agents' runs, and what nobody decided in time."
      isFlush
    >
      <DataTable
        label="Past decisions"
        columns={columns}
        source={source}
        rowKey={({ id }) => id}
        bones={3}
        isInPanel
        empty={
          <EmptyState
            icon={<History size={20} />}
            title="Nothing was decided lately"
            actions={<Button onClick={() => void source.loadMore()}>Look further back</Button>}
          />
        }
      />
    </Panel>
  );
}

const columns: readonly Column<Act>[] = [
  {
    title: 'Agent',
    cell: ({ target, details }) => (
      <Link to="/app/runs/$runId" params={{ runId: target ?? '' }} data-row-link>
        {details['agent_name'] ?? 'The run'}
      </Link>
    ),
  },
  {
    title: 'Decision',
    width: '7rem',
    cell: ({ action }) =>
      action === 'approval.approved' ? (
        <Badge tone="green">Approved</Badge>
      ) : (
        <Badge tone="red">Rejected</Badge>
      ),
  },
  { title: 'By', cell: ({ actor }) => whoIs(actor) },
  { title: 'When', width: '7rem', isQuiet: true, cell: ({ at }) => <RelativeTime at={at} /> },
  { title: 'Comment', narrow: 'whole', isQuiet: true, cell: ({ details }) => details['comment'] },
];

function whoIs({ kind, email, user_id }: Act['actor']): string {
  return kind === 'system' ? 'Nobody: the time was up' : (email ?? user_id ?? '–');
}
