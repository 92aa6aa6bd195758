import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Pencil } from 'lucide-react';
import { agentQuery, useListedAgent, useSwitchAgent } from '#dashboard/app/api/agents.ts';
import type { Agent } from '#dashboard/app/api/generated/api.ts';
import { isNotFound } from '#dashboard/app/api/problem.ts';
import { onlyGiven } from '#dashboard/app/api/run-filter.ts';
import { buttonClass } from '#dashboard/app/components/button.tsx';
import { Page } from '#dashboard/app/components/page.tsx';
import { RunsTable } from '#dashboard/app/components/runs-table.tsx';
import { Bone, ProblemNote } from '#dashboard/app/components/state.tsx';
import { Switch } from '#dashboard/app/components/switch.tsx';
import { Tabs } from '#dashboard/app/components/tabs.tsx';
import { OverviewTab } from '#dashboard/app/pages/agent/overview-tab.tsx';
import { RunNow } from '#dashboard/app/pages/agent/run-now.tsx';
import { AgentSettingsTab } from '#dashboard/app/pages/agent/settings-tab.tsx';
import { StepsTab } from '#dashboard/app/pages/agent/steps-tab.tsx';
import { NotFound } from '#dashboard/app/shell/error-page.tsx';

const AGENTS = { label: 'Agents', to: '/app/agents' };

/** One agent: how it does, what it does, what it did. */
export function AgentPage() {
  const { id } = useParams({ from: '/signed-in/app/agents/$id' });
  const listed = useListedAgent(id);
  const agent = useQuery({
    ...agentQuery(id),
    placeholderData: () => listed,
    refetchInterval: 10_000,
  });
  if (isNotFound(agent.error)) return <NotFound what="agent" />;
  if (!agent.data) {
    return (
      <Page title="Agent" crumb={AGENTS}>
        {agent.error ? (
          <ProblemNote error={agent.error} onRetry={() => void agent.refetch()} />
        ) : (
          <Bone height="12rem" />
        )}
      </Page>
    );
  }
  return <LoadedAgent agent={agent.data} />;
}

function LoadedAgent({ agent }: { readonly agent: Agent }) {
  const { tab = 'overview', version, ...filter } = useSearch({ from: '/signed-in/app/agents/$id' });
  const navigate = useNavigate({ from: '/app/agents/$id' });
  const switchAgent = useSwitchAgent();
  const tabs = [
    { value: 'overview', label: 'Overview', content: () => <OverviewTab agent={agent} /> },
    { value: 'steps', label: 'Steps', content: () => <StepsTab agent={agent} /> },
    {
      value: 'runs',
      label: 'Runs',
      content: () => (
        <RunsTable
          agentId={agent.id}
          filter={filter}
          onFilter={(next) => void navigate({ search: { tab, ...onlyGiven(next) }, replace: true })}
          noRuns="Start it by hand to see what it does."
        />
      ),
    },
    {
      value: 'settings',
      label: 'Settings',
      content: () => (
        <AgentSettingsTab
          agent={agent}
          compared={version === undefined ? undefined : Number(version)}
          onCompare={(n) =>
            void navigate({
              search: { tab, ...(n !== undefined && { version: String(n) }) },
              replace: true,
            })
          }
        />
      ),
    },
  ];
  const shown = tabs.some(({ value }) => value === tab) ? tab : 'overview';
  return (
    <Page
      title={agent.name}
      crumb={AGENTS}
      lead={agent.description}
      beside={
        <Switch
          label={`${agent.name} is on`}
          isOn={agent.enabled}
          onChange={(enabled) => switchAgent.mutate({ agent, enabled })}
        />
      }
      actions={<AgentActions agent={agent} />}
    >
      <Tabs
        label="Parts of the agent"
        tabs={tabs}
        value={shown}
        onValue={(value) => void navigate({ search: { tab: value }, replace: true })}
      />
    </Page>
  );
}

function AgentActions({ agent }: { readonly agent: Agent }) {
  return (
    <>
      <RunNow agent={agent} />
      <Link
        to="/app/agents/$id/edit"
        params={{ id: agent.id }}
        className={buttonClass({ look: 'primary' })}
      >
        <Pencil size={14} aria-hidden="true" />
        Edit
      </Link>
    </>
  );
}
