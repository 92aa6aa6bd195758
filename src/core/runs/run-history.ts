import * as z from 'zod';
import { PageQuery } from '#core/cursor';
import { filteredPage } from '#core/filtered-page';
import { firstIdAt } from '#core/ids';
import type { Slice } from '#core/ports';
import { type Run, runStatuses } from '#core/runs/run';
import type { RunStore } from '#core/runs/run-store';

const Instant = z.iso.datetime({
  offset: true,
  error: 'Give a time such as 2027-01-31T09:00:00Z.',
});

/** What a list of runs can be asked for. */
export const RunQuery = PageQuery.extend({
  status: z.enum(runStatuses).optional().describe('Only runs in this status.'),
  since: Instant.optional().describe(
    'Only runs that were triggered at this time or later. A scheduled run counts by the time that it was meant for, however late it started.',
  ),
  until: Instant.optional().describe('Only runs that were triggered before this time.'),
}).refine(({ since, until }) => !since || !until || Date.parse(since) < Date.parse(until), {
  error: 'This must be earlier than until.',
  path: ['since'],
});
export type RunQuery = z.infer<typeof RunQuery>;

/** Whose runs are listed: one agent's, or all of a user's. */
export type RunScope = { readonly userId: string; readonly agentId?: string };

/**
 * A page of runs, newest first. Times bound what is read; a status is looked for among what was
 * read, so a page may be short.
 *
 * @param after the id of the last run of the previous page
 */
export async function listRuns(
  scope: RunScope,
  query: Pick<RunQuery, 'status' | 'since' | 'until' | 'limit'>,
  after: string | undefined,
  runs: Pick<RunStore, 'list'>,
): Promise<Slice<Run>> {
  const bounds = { from: bound(query.since), to: bound(query.until) };
  if (query.status === undefined) {
    return runs.list(scope, { limit: query.limit, after, ...bounds });
  }
  return filteredPage(
    { limit: query.limit, after },
    {
      read: (page) => runs.list(scope, { ...page, ...bounds }),
      matches: (run) => run.status === query.status,
      positionOf: (run) => run.runId,
    },
  );
}

/** Ids sort by time, so a time is a bound of ids. */
function bound(time: string | undefined): string | undefined {
  return time === undefined ? undefined : firstIdAt('run', Math.max(0, Date.parse(time)));
}
