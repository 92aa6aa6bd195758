import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Stats } from '#dashboard/app/api/generated/api.ts';
import { isSingleRun } from '#dashboard/app/api/single-run.ts';
import { statsQuery } from '#dashboard/app/api/usage.ts';
import { LazyBarChart } from '#dashboard/app/components/charts/lazy-bar-chart.tsx';
import { Figure, FigureBones, Figures } from '#dashboard/app/components/figures.tsx';
import { Page } from '#dashboard/app/components/page.tsx';
import { Panel } from '#dashboard/app/components/panel.tsx';
import { Bone, ProblemNote } from '#dashboard/app/components/state.tsx';
import { Segments, Toolbar } from '#dashboard/app/components/toolbar.tsx';
import { duration } from '#dashboard/app/format/time.ts';
import { MachinePanel } from '#dashboard/app/pages/observability/machine-panel.tsx';
import styles from '#dashboard/app/pages/observability/observability.module.css';
import { useSession } from '#dashboard/app/session/session.tsx';

const windows = [
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
];

const series = [
  { name: 'success', label: 'Succeeded', colour: 'var(--green-solid)' },
  { name: 'failed', label: 'Failed', colour: 'var(--red-solid)' },
  { name: 'cancelled', label: 'Cancelled', colour: 'var(--grey-solid)' },
  { name: 'rejected', label: 'Not started', colour: 'var(--amber-solid)' },
  { name: 'open', label: 'Not over', colour: 'var(--blue-solid)' },
];

/** How the runs went: how many, how well, how fast. */
export function ObservabilityPage() {
  const { isLocal } = useSession();
  const [window, setWindow] = useState<'24h' | '7d'>('24h');
  const stats = useQuery({ ...statsQuery(window), placeholderData: (previous) => previous });
  return (
    <Page title="Observability" lead="How your agents' runs went.">
      <Toolbar>
        <Segments
          label="Window"
          choices={windows}
          value={window}
          onValue={(value) => setWindow(value === '7d' ? '7d' : '24h')}
        />
      </Toolbar>
      {stats.data ? (
        <Charts stats={stats.data} />
      ) : stats.error ? (
        <ProblemNote error={stats.error} onRetry={() => void stats.refetch()} />
      ) : (
        <>
          <FigureBones />
          <Bone height="21rem" />
        </>
      )}
      {isLocal && <MachinePanel />}
    </Page>
  );
}

function Charts({ stats }: { readonly stats: Stats }) {
  const { runs, success_rate, duration_ms, start_lag_ms, truncated } = stats;
  return (
    <>
      {truncated && (
        <p className={styles['note']}>
          There were more runs than are looked at: the oldest are left out.
        </p>
      )}
      <Figures>
        <Figure label="Runs" value={new Intl.NumberFormat('en').format(runs)} />
        <Figure
          label="Success rate"
          value={success_rate === null ? '–' : `${Math.round(success_rate * 1_000) / 10} %`}
        />
        <Figure
          label="Duration, median"
          value={time(duration_ms.p50)}
          note={under(duration_ms.p95)}
        />
        <Figure
          label="Start lag, median"
          value={time(start_lag_ms.p50)}
          note={under(start_lag_ms.p95)}
        />
      </Figures>
      <Panel title="Runs per hour">
        <LazyBarChart
          label="Runs per hour"
          bars={stats.by_hour.map(({ hour, by_status }) => ({ at: hour, ...grouped(by_status) }))}
          series={series}
          tick={stats.window === '24h' ? hourOf : dayOf}
        />
      </Panel>
      <div className={styles['pair']}>
        <Panel title="Most failing agents">
          <Ranking agents={stats.failing_agents} isFailing none="Nothing failed.">
            {({ failed, runs: all }) => `${failed} of ${all} failed`}
          </Ranking>
        </Panel>
        <Panel title="Slowest agents">
          <Ranking agents={stats.slow_agents} none="No run is over yet.">
            {({ duration_ms: { p50, p95 } }) => `median ${time(p50)} · 95 % under ${time(p95)}`}
          </Ranking>
        </Panel>
      </div>
    </>
  );
}

type Ranked = { readonly agent_id: string; readonly name: string | null };

/** Agents that stand out, each with what it stands out by, and the way to its runs. */
function Ranking<Agent extends Ranked>(props: {
  readonly agents: readonly Agent[];
  /** The way leads to failed runs only. */
  readonly isFailing?: boolean;
  readonly none: string;
  readonly children: (agent: Agent) => string;
}) {
  const { agents, isFailing = false, none, children } = props;
  if (agents.length === 0) return <p className={styles['quiet']}>{none}</p>;
  return (
    <ul className={styles['ranking']}>
      {agents.map((agent) => (
        <li key={agent.agent_id}>
          {agent.name === null ? (
            isSingleRun(agent) ? (
              'Built-in agents'
            ) : (
              'Deleted agent'
            )
          ) : (
            <Link
              to="/app/agents/$id"
              params={{ id: agent.agent_id }}
              search={{ tab: 'runs', ...(isFailing && { status: 'failed' }) }}
            >
              {agent.name}
            </Link>
          )}
          <span className={styles['quiet']}>{children(agent)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Runs by what became of them; those that go on or wait are "not over". */
function grouped(byStatus: Readonly<Record<string, number>>): Record<string, number> {
  const known = series.map(({ name }) => name);
  const open = Object.entries(byStatus).filter(([status]) => !known.includes(status));
  return { ...byStatus, open: open.reduce((sum, [, count]) => sum + count, 0) };
}

function under(ms: number | null): string {
  return ms === null ? 'No run is over yet' : `95 % under ${time(ms)}`;
}

function time(ms: number | null): string {
  return ms === null ? '–' : duration(ms);
}

const hourFormat = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const dayFormat = new Intl.DateTimeFormat('en', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  hourCycle: 'h23',
});

function hourOf(at: string): string {
  return hourFormat.format(Date.parse(at));
}

function dayOf(at: string): string {
  return dayFormat.format(Date.parse(at));
}
