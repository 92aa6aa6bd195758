/** Three points of a distribution, in the unit of its values. */
export type Percentiles = { readonly p50: number; readonly p95: number; readonly p99: number };

/** Nearest-rank percentiles. @throws Error when there are no values. */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => {
    const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
    if (value === undefined) throw new Error('There is nothing to take percentiles of.');
    return value;
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** The middle one by a measure; of an even number, the lower of the two in the middle. */
export function medianBy<Item>(items: readonly Item[], measure: (item: Item) => number): Item {
  const sorted = items.toSorted((a, b) => measure(a) - measure(b));
  const middle = sorted[Math.ceil(sorted.length / 2) - 1];
  if (middle === undefined) throw new Error('There is nothing to take the median of.');
  return middle;
}

/**
 * Milliseconds on the clock that all processes of this machine share and nobody sets: what one process reads
 * can be subtracted from what another one read.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
