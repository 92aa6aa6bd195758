import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Bot, Play } from 'lucide-react';
import { call } from '#dashboard/app/api/client.ts';
import type { Agent } from '#dashboard/app/api/generated/api.ts';
import { cursorOf, pages, tableSource } from '#dashboard/app/api/lists.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { type Column, DataTable } from '#dashboard/app/components/data-table.tsx';
import { RunStatus } from '#dashboard/app/components/run-status.tsx';
import { EmptyState } from '#dashboard/app/components/state.tsx';
import { RelativeTime } from '#dashboard/app/components/time.tsx';
import { TriggerWords } from '#dashboard/app/components/trigger-words.tsx';
import { useRunAndOpen } from '#dashboard/app/pages/agent/run-now.tsx';

const REFRESH_MS = 10_000;

/** The product's own agents: how they do, and a way to run each at once. */
export function InternalAutomations() {
  const agents = useInfiniteQuery({
    queryKey: ['agents', 'list', 'system'],
    queryFn: ({ pageParam, signal }) =>
      call('listAgents', {
        query: { owner: 'system', limit: 50, ...cursorOf(pageParam) },
        signal,
      }),
    ...pages,
    refetchInterval: REFRESH_MS,
  });
  return (
    <DataTable
      isInPanel
      label="Internal automations"
      columns={columns}
      source={tableSource(agents)}
      rowKey={({ id }) => id}
      empty={
        <EmptyState icon={<Bot size={20} />} title="No internal automations">
          They are made when the product starts.
        </EmptyState>
      }
    />
  );
}

const columns: readonly Column<Agent>[] = [
  {
    title: 'Automation',
    cell: ({ id, name }) => (
      <Link to="/app/agents/$id" params={{ id }} data-row-link="">
        {name}
      </Link>
    ),
  },
  {
    title: 'Trigger',
    width: '11rem',
    isQuiet: true,
    narrow: 'hidden',
    cell: ({ trigger_config }) => <TriggerWords trigger={trigger_config} />,
  },
  {
    title: 'Last run',
    width: '11rem',
    cell: ({ last_run }) =>
      last_run ? (
        <>
          <RunStatus status={last_run.status} /> <RelativeTime at={last_run.triggered_at} />
        </>
      ) : (
        'Not run yet'
      ),
  },
  { title: 'Run', width: '7rem', isEnd: true, cell: (agent) => <RunButton agent={agent} /> },
];

function RunButton({ agent }: { readonly agent: Agent }) {
  const { run, isPending } = useRunAndOpen(agent);
  return (
    <Button
      size="small"
      icon={<Play size={13} aria-hidden="true" />}
      isBusy={isPending}
      disabled={!agent.enabled}
      aria-label={`Run ${agent.name} now`}
      onClick={() => run()}
    >
      Run
    </Button>
  );
}
