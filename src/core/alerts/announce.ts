import { SINGLE_RUN_AGENT_ID } from '#core/agents/single-run';
import type { HealthStore } from '#core/alerts/health';
import type { AnnounceEnd } from '#core/runs/run-ending';

/** Has the sweeper look at the agent of every run that failed. A run that succeeds costs nothing. */
export function noteFailures(health: Pick<HealthStore, 'noteFailure'>): AnnounceEnd {
  return async ({ userId, agentId, runId, status, finishedAt }) => {
    if (status !== 'failed' || agentId === SINGLE_RUN_AGENT_ID) return;
    await health.noteFailure({ userId, agentId }, runId, finishedAt ?? new Date().toISOString());
  };
}
