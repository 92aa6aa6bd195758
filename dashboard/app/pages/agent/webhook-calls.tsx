import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type Answer, call } from '#dashboard/app/api/client.ts';
import type { Run } from '#dashboard/app/api/generated/api.ts';
import { useRuns } from '#dashboard/app/api/runs.ts';
import { type Column, DataTable } from '#dashboard/app/components/data-table.tsx';
import { RunStatus } from '#dashboard/app/components/run-status.tsx';
import { rejectWords } from '#dashboard/app/components/runs-table.tsx';
import { RelativeTime } from '#dashboard/app/components/time.tsx';
import styles from '#dashboard/app/pages/agent/agent.module.css';

const SHOWN = 20;
const REFRESH_MS = 5_000;
const ALL = {};

type Refused = Answer<'listDeliveries'>['items'][number];

/** A call of a webhook: it became a run, or was refused at the door. */
type Call =
  | { readonly at: string; readonly run: Run }
  | { readonly at: string; readonly refused: Refused };

/** The newest calls of an agent's webhook, with the reason of each that was refused. */
export function WebhookCalls({ agentId }: { readonly agentId: string }) {
  const runs = useRuns(agentId, ALL);
  const refused = useQuery({
    queryKey: ['deliveries', agentId],
    queryFn: ({ signal }) =>
      call('listDeliveries', { path: { id: agentId }, query: { limit: SHOWN }, signal }),
    refetchInterval: REFRESH_MS,
  });
  const calls =
    runs.data && refused.data
      ? newest(runs.data.pages[0]?.items ?? [], refused.data.items)
      : undefined;
  return (
    <div>
      <h3>Last calls</h3>
      <DataTable
        isInPanel
        bones={2}
        label="Last calls"
        columns={columns}
        source={{
          rows: calls,
          error: runs.error ?? refused.error,
          refetch: () => Promise.all([runs.refetch(), refused.refetch()]),
        }}
        rowKey={(one) => ('run' in one ? one.run.id : `${one.at} ${one.refused.reason}`)}
        empty={
          <p className={styles['hint']}>
            Nobody has called it yet. Calls that are refused are listed here for seven days, with
            the reason.
          </p>
        }
      />
    </div>
  );
}

function newest(runs: readonly Run[], refused: readonly Refused[]): readonly Call[] {
  return [
    ...runs
      .filter((run) => run.triggered_by === 'webhook')
      .map((run) => ({ at: run.triggered_at, run })),
    ...refused.map((one) => ({ at: one.at, refused: one })),
  ]
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
    .slice(0, SHOWN);
}

const columns: readonly Column<Call>[] = [
  { title: 'When', width: '8rem', isQuiet: true, cell: ({ at }) => <RelativeTime at={at} /> },
  {
    title: 'Answer',
    width: '7rem',
    cell: (one) => {
      if ('refused' in one) return <span className={styles['refused']}>{one.refused.status}</span>;
      return one.run.status === 'rejected' ? (
        <span className={styles['refused']}>Refused</span>
      ) : (
        'Taken'
      );
    },
  },
  {
    title: 'What became of it',
    narrow: 'whole',
    cell: (one) => {
      if ('refused' in one) {
        const { reason, count } = one.refused;
        return count > 1 ? `${reason} (${count} calls)` : reason;
      }
      const { run } = one;
      return (
        <Link
          to="/app/runs/$runId"
          params={{ runId: run.id }}
          data-row-link=""
          className={styles['call'] ?? ''}
        >
          {run.status === 'rejected' ? rejectWords(run) : <RunStatus status={run.status} />}
        </Link>
      );
    },
  },
];
