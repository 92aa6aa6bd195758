import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { agentQuery } from '#dashboard/app/api/agents.ts';
import type { Agent, RunDetail } from '#dashboard/app/api/generated/api.ts';
import { isNotFound } from '#dashboard/app/api/problem.ts';
import { runQuery } from '#dashboard/app/api/runs.ts';
import { isSingleRun } from '#dashboard/app/api/single-run.ts';
import { buttonClass } from '#dashboard/app/components/button.tsx';
import { Facts } from '#dashboard/app/components/facts.tsx';
import { JsonTree } from '#dashboard/app/components/json-tree.tsx';
import { Page } from '#dashboard/app/components/page.tsx';
import { Panel } from '#dashboard/app/components/panel.tsx';
import { isFinal, RunStatus } from '#dashboard/app/components/run-status.tsx';
import { byWords } from '#dashboard/app/components/runs-table.tsx';
import { Bone, ProblemNote } from '#dashboard/app/components/state.tsx';
import { cost } from '#dashboard/app/format/money.ts';
import { duration, fullTime } from '#dashboard/app/format/time.ts';
import { Outcome } from '#dashboard/app/pages/run/outcome.tsx';
import styles from '#dashboard/app/pages/run/run.module.css';
import { RunActions } from '#dashboard/app/pages/run/run-actions.tsx';
import { RunLog } from '#dashboard/app/pages/run/run-log.tsx';
import { stepNames } from '#dashboard/app/pages/run/step-names.ts';
import { Timeline } from '#dashboard/app/pages/run/timeline.tsx';
import { NotFound } from '#dashboard/app/shell/error-page.tsx';

const RUNS = { label: 'Runs', to: '/app/runs' };

/** One run: what happened, step by step, and why. */
export function RunPage() {
  const { runId } = useParams({ from: '/signed-in/app/runs/$runId' });
  const run = useQuery(runQuery(runId));
  const agent = useQuery({
    ...agentQuery(run.data?.agent_id ?? ''),
    enabled: run.data !== undefined && !isSingleRun(run.data),
    retry: false,
  });
  if (isNotFound(run.error)) return <NotFound what="run" />;
  // With its agent's name at once: a title that comes later would move all that is below it.
  if (!run.data || agent.isLoading) {
    return (
      <Page title="Run" crumb={RUNS}>
        {run.error ? (
          <ProblemNote error={run.error} onRetry={() => void run.refetch()} />
        ) : (
          <RunBones />
        )}
      </Page>
    );
  }
  return <LoadedRun run={run.data} agent={agent.data} isAgentGone={isNotFound(agent.error)} />;
}

function LoadedRun(props: {
  readonly run: RunDetail;
  /** As it is now; undefined while it is loaded, and for runs without one. */
  readonly agent: Agent | undefined;
  readonly isAgentGone: boolean;
}) {
  const { run, agent, isAgentGone } = props;
  const names = stepNames(run, agent);
  const isSingle = isSingleRun(run);
  const title = isSingle
    ? builtInName(run)
    : (agent?.name ?? (isAgentGone ? 'Deleted agent' : 'Run'));
  return (
    <Page
      title={title}
      beside={<RunStatus status={run.status} />}
      lead={<code>{run.id}</code>}
      crumb={RUNS}
      actions={
        <>
          {agent && (
            <Link to="/app/agents/$id" params={{ id: agent.id }} className={buttonClass({})}>
              Open agent
            </Link>
          )}
          <RunActions run={run} names={names} isReplayable={isSingle || agent !== undefined} />
        </>
      }
    >
      <Summary run={run} agent={agent} />
      <Outcome run={run} />
      <div className={styles['columns']}>
        <Timeline run={run} names={names} />
        <div className={styles['side']}>
          <Panel title="Trigger" note="What started the run, as the steps see it.">
            <JsonTree label="Data of the trigger" value={run.trigger} />
          </Panel>
          <RunLog runId={run.id} isLive={!isFinal(run.status)} nameAt={names.at} />
        </div>
      </div>
    </Page>
  );
}

/** Which built-in agent a run without an agent of its own was of: its trigger says it. */
function builtInName({ trigger }: RunDetail): string {
  const { body } = (trigger ?? {}) as { readonly body?: { readonly agent_name?: unknown } };
  return typeof body?.agent_name === 'string' ? body.agent_name : 'Built-in agent';
}

function Summary({ run, agent }: { readonly run: RunDetail; readonly agent: Agent | undefined }) {
  const { triggered_at, triggered_by, late_by_ms, duration_ms, replay_of } = run;
  return (
    <div className={styles['summary']}>
      <Facts
        facts={[
          [
            'Triggered',
            <time key="t" dateTime={triggered_at}>
              {fullTime(triggered_at)}
            </time>,
          ],
          ['Started by', byWords[triggered_by]],
          ['Duration', duration_ms === null ? '–' : duration(duration_ms)],
          ...(late_by_ms === null ? [] : [['Started late by', duration(late_by_ms)] as const]),
          ['Credits', run.credits_charged],
          ['Cost', cost(run.cost_usd)],
          ...(agent ? [['Version', <VersionLink key="v" run={run} agent={agent} />] as const] : []),
          ...(replay_of === null
            ? []
            : [
                [
                  'Replay of',
                  <Link key="r" to="/app/runs/$runId" params={{ runId: replay_of }}>
                    an earlier run
                  </Link>,
                ] as const,
              ]),
        ]}
      />
    </div>
  );
}

/** To the steps that ran: as they are now, or compared with what they are now. */
function VersionLink({ run, agent }: { readonly run: RunDetail; readonly agent: Agent }) {
  const { agent_version } = run;
  const isCurrent = agent_version === agent.version;
  return (
    <Link
      to="/app/agents/$id"
      params={{ id: agent.id }}
      search={isCurrent ? { tab: 'steps' } : { tab: 'settings', version: String(agent_version) }}
    >
      {agent_version}
      {!isCurrent && ` (now ${agent.version})`}
    </Link>
  );
}

function RunBones() {
  return (
    <div className={styles['bones']}>
      <Bone height="3rem" />
      <Bone height="6rem" />
      <Bone height="6rem" />
    </div>
  );
}
