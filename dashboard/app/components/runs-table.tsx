import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ListVideo, SearchX } from 'lucide-react';
import type { ReactNode } from 'react';
import { agentQuery } from '#dashboard/app/api/agents.ts';
import type { Run } from '#dashboard/app/api/generated/api.ts';
import { tableSource } from '#dashboard/app/api/lists.ts';
import { isNotFound } from '#dashboard/app/api/problem.ts';
import { isNarrowed, type RunFilter } from '#dashboard/app/api/run-filter.ts';
import { useRuns } from '#dashboard/app/api/runs.ts';
import { isSingleRun } from '#dashboard/app/api/single-run.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { type Column, DataTable } from '#dashboard/app/components/data-table.tsx';
import { RunStatus, statuses, statusLabel } from '#dashboard/app/components/run-status.tsx';
import styles from '#dashboard/app/components/runs-table.module.css';
import { Bone, EmptyState } from '#dashboard/app/components/state.tsx';
import { RelativeTime } from '#dashboard/app/components/time.tsx';
import { TimeFilter } from '#dashboard/app/components/time-filter.tsx';
import { FilterSelect, Toolbar } from '#dashboard/app/components/toolbar.tsx';
import { cost } from '#dashboard/app/format/money.ts';
import { duration } from '#dashboard/app/format/time.ts';

const NAME_FRESH_MS = 60_000;

const statusChoices = [
  { value: '', label: 'Any status' },
  ...statuses.map((value) => ({ value, label: statusLabel(value) })),
];

/** Runs, newest first, kept up to date; of one agent or of all. */
export function RunsTable(props: {
  readonly agentId?: string;
  readonly nameOf?: (agentId: string) => string | undefined;
  readonly filter: RunFilter;
  readonly onFilter: (filter: RunFilter) => void;
  readonly noRuns: ReactNode;
}) {
  const { agentId, nameOf, filter, onFilter, noRuns } = props;
  const { status } = filter;
  const runs = useRuns(agentId, filter);
  return (
    <>
      <Toolbar>
        <FilterSelect
          label="Status"
          choices={statusChoices}
          value={status ?? ''}
          onValue={(value) => onFilter({ ...filter, status: value || undefined })}
        />
        <TimeFilter filter={filter} onFilter={onFilter} />
      </Toolbar>
      <DataTable
        label="Runs"
        columns={columns(agentId === undefined ? (nameOf ?? (() => undefined)) : undefined)}
        source={tableSource(runs)}
        rowKey={(run) => run.id}
        empty={
          isNarrowed(filter) ? (
            <EmptyState
              icon={<SearchX size={20} />}
              title="No run matches"
              actions={<Button onClick={() => onFilter({})}>Clear filters</Button>}
            >
              {status
                ? `No run of that time has the status “${statusLabel(status)}”.`
                : 'No run was started in that time.'}
            </EmptyState>
          ) : (
            <EmptyState icon={<ListVideo size={20} />} title="No runs yet">
              {noRuns}
            </EmptyState>
          )
        }
      />
    </>
  );
}

/** What the run's agent is called. @param known its name, when it is among those that were loaded. */
function AgentName({ run, known }: { readonly run: Run; readonly known: string | undefined }) {
  const isSingle = isSingleRun(run);
  const agent = useQuery({
    ...agentQuery(run.agent_id),
    enabled: known === undefined && !isSingle,
    staleTime: NAME_FRESH_MS,
    retry: false,
  });
  if (isSingle) return 'Built-in agent';
  if (isNotFound(agent.error)) return 'Deleted agent';
  const name = known ?? agent.data?.name;
  if (name === undefined && agent.isLoading) return <Bone width="8rem" height="1.25rem" />;
  return name ?? run.agent_id;
}

function columns(
  nameOf: ((agentId: string) => string | undefined) | undefined,
): readonly Column<Run>[] {
  return [
    {
      title: 'Run',
      cell: (run) => (
        <div className={styles['run']}>
          <Link to="/app/runs/$runId" params={{ runId: run.id }} data-row-link="">
            {nameOf ? (
              <AgentName run={run} known={nameOf(run.agent_id)} />
            ) : (
              <RelativeTime at={run.triggered_at} />
            )}
          </Link>
          <p className={styles['summary']}>{summary(run)}</p>
        </div>
      ),
    },
    { title: 'Status', width: '10rem', cell: (run) => <RunStatus status={run.status} /> },
    { title: 'Started by', width: '8rem', isQuiet: true, cell: (run) => byWords[run.triggered_by] },
    {
      title: 'When',
      width: '9rem',
      isQuiet: true,
      cell: (run) => <RelativeTime at={run.triggered_at} />,
    },
    {
      title: 'Duration',
      width: '7rem',
      isEnd: true,
      isQuiet: true,
      narrow: 'hidden',
      cell: (run) => (run.duration_ms === null ? '–' : duration(run.duration_ms)),
    },
    {
      title: 'Credits',
      width: '6rem',
      isEnd: true,
      isQuiet: true,
      narrow: 'hidden',
      cell: (run) => run.credits_charged,
    },
    {
      title: 'Cost',
      width: '6rem',
      isEnd: true,
      isQuiet: true,
      narrow: 'hidden',
      cell: (run) => cost(run.cost_usd),
    },
  ];
}

export const byWords: Record<Run['triggered_by'], string> = {
  schedule: 'Schedule',
  webhook: 'Webhook',
  manual: 'By hand',
  replay: 'Replay',
};

function summary(run: Run): string {
  if (run.reject_reason !== null) return rejectWords(run);
  return run.error_message ?? run.output_summary ?? run.id;
}

/** Why a run was never started. */
export function rejectWords({ reject_reason, reject_count }: Run): string {
  const times = (reject_count ?? 1) > 1 ? ` (${reject_count} times)` : '';
  const reason = rejectReasons[reject_reason ?? ''] ?? reject_reason;
  return `${reason}${times}`;
}

const rejectReasons: Record<string, string> = {
  credits: 'Not enough credits',
  quota: 'The plan’s limit was reached',
  disabled: 'The agent was off',
  missed: 'Its time passed while nothing could run',
};
