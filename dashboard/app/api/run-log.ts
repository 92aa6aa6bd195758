import { queryOptions } from '@tanstack/react-query';
import { call } from '#dashboard/app/api/client.ts';
import type { LogLine } from '#dashboard/app/api/generated/api.ts';
import { cursorOf } from '#dashboard/app/api/lists.ts';

const REFRESH_MS = 1_000;
const LINES_A_PAGE = 1_000;

/** A log as far as it was read. */
type ReadLog = {
  readonly lines: readonly LogLine[];
  /** The last page, which alone can grow: what leads to it, and how many lines come before it. */
  readonly last: { readonly cursor: string | undefined; readonly before: number };
};

/** The whole log of a run, oldest line first; read on while `isLive`. */
export function runLogQuery(runId: string, isLive: boolean) {
  const queryKey = ['runs', 'log', runId] as const;
  return queryOptions({
    queryKey,
    queryFn: ({ client, signal }) => readOn(runId, client.getQueryData<ReadLog>(queryKey), signal),
    select: ({ lines }) => lines,
    refetchInterval: isLive ? REFRESH_MS : false,
  });
}

async function readOn(
  runId: string,
  known: ReadLog | undefined,
  signal: AbortSignal,
): Promise<ReadLog> {
  let { cursor, before } = known?.last ?? { cursor: undefined, before: 0 };
  const lines = known?.lines.slice(0, before) ?? [];
  for (;;) {
    const query = { limit: LINES_A_PAGE, ...cursorOf(cursor) };
    const answer = await call('getRunLog', { path: { run_id: runId }, query, signal });
    before = lines.length;
    lines.push(...answer.items);
    if (answer.next_cursor === null) return { lines, last: { cursor, before } };
    cursor = answer.next_cursor;
  }
}
