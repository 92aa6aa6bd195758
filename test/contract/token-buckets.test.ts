import { afterAll, beforeAll, expect, it } from 'vitest';
import { dynamoTokenBuckets } from '#adapters/dynamo-token-buckets';
import type { TokenBuckets } from '#core/limits/rates';
import { openProductTable } from './product-table.ts';

const SIZE = { burst: 100, perSecond: 10 };
const NOW = Date.UTC(2026, 10, 22, 9);
const FIVE_MINUTES = 300_000;

let opened: Awaited<ReturnType<typeof openProductTable>>;
let buckets: TokenBuckets;
beforeAll(async () => {
  opened = await openProductTable();
  buckets = dynamoTokenBuckets(opened.table, opened.name);
});
afterAll(() => opened.close());

/** How many calls are let through until one is not. */
async function taken(name: string, now: number, most = 200): Promise<number> {
  for (let count = 0; count < most; count += 1) {
    if (!(await buckets.take(name, SIZE, now)).isTaken) return count;
  }
  return most;
}

it('a bucket holds its burst, and fills again at its rate', async () => {
  expect(await taken('usual', NOW)).toBe(100);
  expect(await taken('usual', NOW + 5_000)).toBe(50);
});

it('a clock that was five minutes fast and is set back does not keep anybody out', async () => {
  expect(await taken('fast', NOW + FIVE_MINUTES)).toBe(100);

  expect(await taken('fast', NOW)).toBeGreaterThan(0);
});

it('clocks that differ by seconds do not fill a bucket', async () => {
  expect(await taken('near', NOW + 5_000)).toBe(100);

  expect(await taken('near', NOW)).toBe(0);
});

it('a whole burst that comes at once is let through, and no more', async () => {
  const calls = Array.from({ length: 130 }, () => buckets.take('at once', SIZE, NOW));

  const outcomes = await Promise.all(calls);

  expect(outcomes.filter(({ isTaken }) => isTaken)).toHaveLength(100);
});
