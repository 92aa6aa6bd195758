import { queryOptions, useInfiniteQuery } from '@tanstack/react-query';
import { call } from '#dashboard/app/api/client.ts';
import { cursorOf, pages } from '#dashboard/app/api/lists.ts';

const REFRESH_MS = 10_000;
const SLOW_REFRESH_MS = 60_000;

export function usageQuery() {
  return queryOptions({
    queryKey: ['usage'],
    queryFn: ({ signal }) => call('getUsage', { signal }),
    refetchInterval: REFRESH_MS,
  });
}

/** What runs took on each of the last days. */
export function spendingQuery() {
  return queryOptions({
    queryKey: ['usage', 'days'],
    queryFn: ({ signal }) => call('getSpending', { signal }),
    refetchInterval: SLOW_REFRESH_MS,
  });
}

/** The ledger, newest entry first. */
export function useLedger() {
  return useInfiniteQuery({
    queryKey: ['ledger'],
    queryFn: ({ pageParam, signal }) =>
      call('listLedger', { query: { limit: 100, ...cursorOf(pageParam) }, signal }),
    ...pages,
  });
}

export function statsQuery(window: '24h' | '7d') {
  return queryOptions({
    queryKey: ['stats', window],
    queryFn: ({ signal }) => call('getStats', { query: { window }, signal }),
    refetchInterval: REFRESH_MS,
  });
}
