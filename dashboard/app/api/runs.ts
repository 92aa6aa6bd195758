import { queryOptions, useInfiniteQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { call } from '#dashboard/app/api/client.ts';
import type { RunDetail } from '#dashboard/app/api/generated/api.ts';
import { byLength, cursorOf, pages } from '#dashboard/app/api/lists.ts';
import { type RunFilter, timesOf } from '#dashboard/app/api/run-filter.ts';
import { isFinal, statuses } from '#dashboard/app/components/run-status.tsx';

const LIST_REFRESH_MS = 3_000;
const RUN_REFRESH_MS = 1_000;
const SLOW_REFRESH_MS = 5_000;
const NEWEST_LOOKED_AT = 20;

/** The newest runs, of one agent or of all. */
export function useRuns(agentId: string | undefined, filter: RunFilter) {
  return useInfiniteQuery({
    queryKey: ['runs', 'list', agentId ?? 'all', filter],
    queryFn: ({ pageParam, signal }) => {
      const known = statuses.find((name) => name === filter.status);
      const query = {
        limit: 50,
        ...(known && { status: known }),
        ...timesOf(filter, Date.now()),
        ...cursorOf(pageParam),
      };
      return agentId === undefined
        ? call('listRuns', { query, signal })
        : call('listAgentRuns', { path: { id: agentId }, query, signal });
    },
    ...pages,
    refetchInterval: byLength(LIST_REFRESH_MS),
    placeholderData: (previous) => previous,
  });
}

/** One run with its steps; asked for again until it is over. */
export function runQuery(runId: string) {
  return queryOptions({
    queryKey: ['runs', 'one', runId],
    queryFn: ({ signal }) => call('getRun', { path: { run_id: runId }, signal }),
    refetchInterval: ({ state }) => refreshMs(state.data),
  });
}

function refreshMs(run: RunDetail | undefined): number | false {
  if (!run || isFinal(run.status)) return false;
  return run.status === 'running' || run.status === 'queued' ? RUN_REFRESH_MS : SLOW_REFRESH_MS;
}

/** An agent's newest run with its steps, of those that were started at all; null when there is none. */
export function newestRunQuery(agentId: string) {
  return queryOptions({
    queryKey: ['runs', 'newest', agentId],
    queryFn: ({ signal }) => newestRun(agentId, signal),
  });
}

async function newestRun(agentId: string, signal: AbortSignal): Promise<RunDetail | null> {
  const query = { limit: NEWEST_LOOKED_AT };
  const page = await call('listAgentRuns', { path: { id: agentId }, query, signal });
  const newest = page.items.find(({ status }) => status !== 'rejected');
  return newest ? call('getRun', { path: { run_id: newest.id }, signal }) : null;
}

/** Asks once more when the run is over: what was written last is there then, and nothing else asks for it. */
export function useLastLook(isLive: boolean, refetch: () => unknown): void {
  useEffect(() => {
    if (!isLive) void refetch();
  }, [isLive, refetch]);
}
