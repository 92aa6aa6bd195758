import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient, Reply } from '#test/helpers/api-client';

/** All pages of a list. */
// biome-ignore lint/suspicious/noExplicitAny: items of the API, of any shape.
export async function allItems(api: ApiClient, path: string): Promise<any[]> {
  const items = [];
  let cursor = '';
  do {
    const body = await patiently(api, `${path}?limit=100${cursor}`);
    items.push(...body.items);
    cursor = body.next_cursor === null ? '' : `&cursor=${encodeURIComponent(body.next_cursor)}`;
  } while (cursor !== '');
  return items;
}

/** A body; a plan allows only so many requests a second. */
export async function patiently(api: ApiClient, path: string): Promise<Reply['body']> {
  const { status, body } = await api.get(path);
  if (status === 200) return body;
  if (status !== 429) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
  await delay(500);
  return patiently(api, path);
}

/** So many at a time. */
export async function inTurns<Item, Result>(
  size: number,
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += size) {
    results.push(...(await Promise.all(items.slice(start, start + size).map(act))));
  }
  return results;
}
