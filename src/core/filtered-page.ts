import type { Slice } from '#core/ports';

/** Most entries that one request reads while it looks for matching ones. */
const MAX_READ = 500;

/** Entries that are read at once. */
const CHUNK = 100;

/** Where a page starts and how long it may be. */
export type PageRequest = { readonly limit: number; readonly after: string | undefined };

/**
 * A page of the entries that match. It may be short, or empty, and yet have a next page: the work
 * of one request is bounded, however rare a match is, and so is its answer, however large the entries.
 *
 * @param positionOf where a page that follows this entry starts
 */
export async function filteredPage<Item>(
  request: PageRequest,
  list: {
    read(page: { limit: number; after: string | undefined }): Promise<Slice<Item>>;
    matches(item: Item): boolean;
    positionOf(item: Item): string;
  },
): Promise<Slice<Item>> {
  const found: Item[] = [];
  let after = request.after;
  for (let read = 0; read < MAX_READ; read += CHUNK) {
    const slice = await list.read({ limit: CHUNK, after });
    for (const [place, item] of slice.items.entries()) {
      if (!list.matches(item)) continue;
      found.push(item);
      const isLast = place === slice.items.length - 1;
      if (found.length === request.limit) {
        return { items: found, next: isLast ? slice.next : list.positionOf(item) };
      }
    }
    after = slice.next;
    // A slice that its store cut short holds as many bytes as an answer may.
    if (after === undefined || slice.items.length < CHUNK) break;
  }
  return { items: found, next: after };
}
