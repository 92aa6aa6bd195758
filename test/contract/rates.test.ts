import { afterAll, beforeAll, expect, it } from 'vitest';
import { dynamoRates } from '#adapters/dynamo-rates';
import type { Rates } from '#core/limits/rates';
import { openProductTable } from './product-table.ts';

const NOW = Date.UTC(2026, 10, 22, 9);
const AT_ONCE = 25;

let opened: Awaited<ReturnType<typeof openProductTable>>;
let rates: Rates;
beforeAll(async () => {
  opened = await openProductTable();
  rates = dynamoRates(opened.table, opened.name);
});
afterAll(() => opened.close());

/** How many of so many calls are let through, when they come in waves. */
async function granted(name: string, limit: number, calls: number): Promise<number> {
  let count = 0;
  for (let left = calls; left > 0; left -= AT_ONCE) {
    const wave = Array.from({ length: Math.min(left, AT_ONCE) }, () =>
      rates.take(name, { limit, windowSeconds: 60 }, NOW),
    );
    count += (await Promise.all(wave)).filter((isGranted) => isGranted).length;
  }
  return count;
}

it('a rate is granted to the last call, and no further', async () => {
  expect(await granted('small', 100, 150)).toBe(100);
});

it('a large rate, of which a worker takes several at once, is granted whole to calls that come together', async () => {
  expect(await granted('large', 6_000, 6_500)).toBe(6_000);
});
