import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { FlaskConical } from 'lucide-react';
import { useEffect } from 'react';
import type { Agent } from '#dashboard/app/api/generated/api.ts';
import { runQuery } from '#dashboard/app/api/runs.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { Panel } from '#dashboard/app/components/panel.tsx';
import { isFinal, RunStatus } from '#dashboard/app/components/run-status.tsx';
import { Bone, ProblemNote } from '#dashboard/app/components/state.tsx';
import styles from '#dashboard/app/pages/editor/editor.module.css';
import { Outcome } from '#dashboard/app/pages/run/outcome.tsx';
import { stepNames } from '#dashboard/app/pages/run/step-names.ts';
import { Timeline } from '#dashboard/app/pages/run/timeline.tsx';

/** Runs the whole agent once with the sample payload, and shows how that went. */
export function TestRun(props: {
  /** As it is saved; undefined while it never was. */
  readonly agent: Agent | undefined;
  readonly isChanged: boolean;
  /** What is written cannot be saved. */
  readonly isUnreadable: boolean;
  readonly isBusy: boolean;
  /** The newest test. */
  readonly runId: string | undefined;
  readonly onTest: () => void;
}) {
  const { agent, isChanged, isUnreadable, isBusy, runId, onTest } = props;
  const isOff = agent?.enabled === false;
  return (
    <Panel
      title="Test"
      note="Saves the agent and runs it once with the sample payload. It really acts, and the run is in its history."
      actions={
        <Button
          icon={<FlaskConical size={14} aria-hidden="true" />}
          isBusy={isBusy}
          disabled={isOff || isUnreadable}
          onClick={onTest}
        >
          {!agent ? 'Create and test' : isChanged ? 'Save and test' : 'Test the agent'}
        </Button>
      }
    >
      {isOff ? (
        <p className={styles['quiet']}>This agent is off. Switch it on to test it.</p>
      ) : runId === undefined ? (
        <p className={styles['quiet']}>
          What each step was given and gave is shown here, and can be picked as data afterwards.
        </p>
      ) : (
        <Result key={runId} runId={runId} agent={agent} />
      )}
    </Panel>
  );
}

function Result({ runId, agent }: { readonly runId: string; readonly agent: Agent | undefined }) {
  const queries = useQueryClient();
  const run = useQuery(runQuery(runId));
  const isOver = run.data !== undefined && isFinal(run.data.status);
  // Its outputs are the newest data to pick from.
  useEffect(() => {
    if (isOver) void queries.invalidateQueries({ queryKey: ['runs', 'newest'] });
  }, [isOver, queries]);
  if (run.error) return <ProblemNote error={run.error} onRetry={() => void run.refetch()} />;
  if (!run.data) return <Bone height="6rem" />;
  return (
    <div className={styles['section']}>
      <div className={styles['testHead']} role="status">
        <RunStatus status={run.data.status} />
        <Link to="/app/runs/$runId" params={{ runId }}>
          Open the run
        </Link>
      </div>
      <Outcome run={run.data} />
      <Timeline run={run.data} names={stepNames(run.data, agent)} />
    </div>
  );
}
