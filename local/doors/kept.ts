import { json } from '#local/gateway/answer';
import type { Door } from '#local/gateway/site';
import type { Newest } from '#local/services/newest';

/** `GET /local/{name}` shows the newest of what was kept first; `DELETE` forgets it all. */
export function keptDoors<Thing>(
  name: string,
  kept: Pick<Newest<Thing>, 'newestFirst' | 'clear'>,
): Door[] {
  const path = new RegExp(`^/local/${name}$`);
  return [
    { method: 'GET', path, answer: () => json(200, { items: kept.newestFirst() }) },
    {
      method: 'DELETE',
      path,
      answer() {
        kept.clear();
        return { status: 204, headers: {}, body: '' };
      },
    },
  ];
}
