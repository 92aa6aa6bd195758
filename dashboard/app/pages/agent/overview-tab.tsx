import { Link } from '@tanstack/react-router';
import type { Agent } from '#dashboard/app/api/generated/api.ts';
import { useRuns } from '#dashboard/app/api/runs.ts';
import { Facts } from '#dashboard/app/components/facts.tsx';
import { Panel } from '#dashboard/app/components/panel.tsx';
import { RunStatus } from '#dashboard/app/components/run-status.tsx';
import { byWords } from '#dashboard/app/components/runs-table.tsx';
import { Bone } from '#dashboard/app/components/state.tsx';
import { RelativeTime } from '#dashboard/app/components/time.tsx';
import { TriggerWords } from '#dashboard/app/components/trigger-words.tsx';
import { duration } from '#dashboard/app/format/time.ts';
import styles from '#dashboard/app/pages/agent/agent.module.css';
import { WebhookPanel } from '#dashboard/app/pages/agent/webhook-panel.tsx';
import { successRate } from '#dashboard/app/pages/agents/success-rate.ts';

const SHOWN_RUNS = 5;
const ALL = {};

/** How an agent does, at a glance. */
export function OverviewTab({ agent }: { readonly agent: Agent }) {
  const { trigger_config, next_run_at, last_run, enabled } = agent;
  const rate = successRate(agent);
  return (
    <>
      <Panel title="At a glance">
        <Facts
          facts={[
            ['Trigger', <TriggerWords key="t" trigger={trigger_config} />],
            ['Next run', next_run_at && enabled ? <RelativeTime key="n" at={next_run_at} /> : '–'],
            [
              'Last run',
              last_run ? <RelativeTime key="l" at={last_run.triggered_at} /> : 'Not run yet',
            ],
            ...(rate === undefined ? [] : [['Success rate', rate] as const]),
            ['Steps', agent.actions.length],
            ['Version', agent.version],
          ]}
        />
      </Panel>
      {trigger_config.type === 'webhook' && <WebhookPanel agent={agent} />}
      <RecentRuns agentId={agent.id} />
    </>
  );
}

function RecentRuns({ agentId }: { readonly agentId: string }) {
  const runs = useRuns(agentId, ALL);
  const shown = runs.data?.pages[0]?.items.slice(0, SHOWN_RUNS);
  return (
    <Panel
      title="Recent runs"
      isFlush
      actions={
        shown?.length ? (
          <Link to="/app/agents/$id" params={{ id: agentId }} search={{ tab: 'runs' }}>
            All runs
          </Link>
        ) : null
      }
    >
      {shown === undefined ? (
        <p className={styles['quiet']}>
          <Bone width="50%" />
        </p>
      ) : shown.length === 0 ? (
        <p className={styles['quiet']}>No runs yet. “Run now” starts one.</p>
      ) : (
        <ul className={styles['runs']}>
          {shown.map((run) => (
            <li key={run.id}>
              <Link
                to="/app/runs/$runId"
                params={{ runId: run.id }}
                className={styles['runLink'] ?? ''}
              >
                <RunStatus status={run.status} />
                <span className={styles['runText']}>
                  {run.error_message ?? run.output_summary ?? byWords[run.triggered_by]}
                </span>
                <span className={styles['runMeta']}>
                  {run.duration_ms !== null && `${duration(run.duration_ms)} · `}
                  <RelativeTime at={run.triggered_at} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
