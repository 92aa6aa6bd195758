import type { InfiniteData } from '@tanstack/react-query';

type PageOf<Item> = { readonly items: readonly Item[]; readonly next_cursor: string | null };

type ListQuery<Item> = {
  readonly data: InfiniteData<PageOf<Item>> | undefined;
  readonly error: unknown;
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  refetch(): unknown;
  fetchNextPage(): unknown;
};

/** How an API list goes on, for `useInfiniteQuery`. */
export const pages = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (last: { readonly next_cursor: string | null }) =>
    last.next_cursor ?? undefined,
};

/** The cursor as a query parameter, when there is one. */
export function cursorOf(pageParam: string | undefined): { readonly cursor?: string } {
  return pageParam === undefined ? {} : { cursor: pageParam };
}

/** How often a list is asked for again: the longer what was loaded of it, the more seldom. @param ms for one page */
export function byLength(ms: number) {
  return ({ state }: { readonly state: { readonly data?: InfiniteData<unknown> | undefined } }) =>
    ms * (state.data?.pages.length ?? 1);
}

/** An infinite query as a table shows it. */
export function tableSource<Item>(query: ListQuery<Item>) {
  return {
    rows: query.data?.pages.flatMap((page) => page.items),
    error: query.error,
    refetch: query.refetch,
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    loadMore: query.fetchNextPage,
  };
}
