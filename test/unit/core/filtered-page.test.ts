import { describe, expect, it } from 'vitest';
import { filteredPage } from '#core/filtered-page';

/** Numbers from `count` down to 1, newest first, as a store lists them. */
function numbers(count: number) {
  let reads = 0;
  const list = {
    async read({ limit, after }: { limit: number; after: string | undefined }) {
      reads += 1;
      const first = after === undefined ? count : Number(after) - 1;
      const items = Array.from({ length: Math.min(limit, first) }, (_, index) => first - index);
      const last = items.at(-1) ?? 1;
      return { items, next: last > 1 ? String(last) : undefined };
    },
    matches: (item: number) => item % 10 === 0,
    positionOf: String,
  };
  return { list, reads: () => reads };
}

describe('a filtered page', () => {
  it('goes on behind its last entry, and misses none', async () => {
    const { list } = numbers(250);
    const found: number[] = [];
    let after: string | undefined;
    do {
      const page = await filteredPage({ limit: 4, after }, list);
      expect(page.items.length).toBeLessThanOrEqual(4);
      found.push(...page.items);
      after = page.next;
    } while (after !== undefined);

    expect(found).toEqual(Array.from({ length: 25 }, (_, index) => 250 - index * 10));
  });

  it('may be empty and yet have a next one: a request reads 500 entries at most', async () => {
    const { list, reads } = numbers(2_000);

    const page = await filteredPage(
      { limit: 25, after: undefined },
      {
        ...list,
        matches: (item) => item === 1_000,
      },
    );

    expect(page).toEqual({ items: [], next: '1501' });
    expect(reads()).toBe(5);
  });

  it('ends with a slice that is short, because its entries are large', async () => {
    const { list, reads } = numbers(300);
    const read = (page: { limit: number; after: string | undefined }) =>
      list.read({ ...page, limit: Math.min(page.limit, 12) });

    const page = await filteredPage({ limit: 25, after: undefined }, { ...list, read });

    expect(page).toEqual({ items: [300, 290], next: '289' });
    expect(reads()).toBe(1);
  });

  it('ends where the list ends, also when it is full then', async () => {
    const { list } = numbers(20);

    const page = await filteredPage(
      { limit: 1, after: '11' },
      {
        ...list,
        matches: (item) => item === 1,
      },
    );

    expect(page).toEqual({ items: [1], next: undefined });
  });
});
