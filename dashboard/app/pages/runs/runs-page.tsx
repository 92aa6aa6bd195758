import { useNavigate, useSearch } from '@tanstack/react-router';
import { useAgents } from '#dashboard/app/api/agents.ts';
import { onlyGiven } from '#dashboard/app/api/run-filter.ts';
import { Page } from '#dashboard/app/components/page.tsx';
import { RunsTable } from '#dashboard/app/components/runs-table.tsx';

const ALL = {};

/** The runs of all agents. */
export function RunsPage() {
  const filter = useSearch({ from: '/signed-in/app/runs' });
  const navigate = useNavigate({ from: '/app/runs' });
  const agents = useAgents(ALL);
  const names = new Map(
    agents.data?.pages.flatMap(({ items }) => items.map(({ id, name }) => [id, name])),
  );
  return (
    <Page title="Runs" lead="What your agents did, newest first. The list keeps itself up to date.">
      <RunsTable
        nameOf={(id) => names.get(id) ?? (agents.isPending ? '…' : undefined)}
        filter={filter}
        onFilter={(next) => void navigate({ search: onlyGiven(next), replace: true })}
        noRuns="Start an agent by hand, call its webhook, or wait for its schedule."
      />
    </Page>
  );
}
