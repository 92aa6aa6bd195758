import { type ProcessUse, treeUse } from '#test/bench/processes';
import type { Product } from '#test/bench/product';

/** Memory of all processes of the product, in MB. npm only waits for them, so it is counted apart. */
export type Memory = {
  readonly pssMb: number;
  readonly rssMb: number;
  readonly npmPssMb: number;
};

const SAMPLE_MS = 1_000;

/** What it takes now. */
export function memoryOf({ pid }: Product): Memory {
  const all = treeUse(pid);
  const own = all.filter(({ name }) => name !== 'npm');
  const npm = all.filter(({ name }) => name === 'npm');
  return { pssMb: sum(own, 'pssMb'), rssMb: sum(own, 'rssMb'), npmPssMb: sum(npm, 'pssMb') };
}

/** Watches until `stop`, which gives the moment with the largest PSS. */
export function watchMemory(product: Product): { stop(): Memory } {
  let peak = memoryOf(product);
  const look = () => {
    const now = memoryOf(product);
    if (now.pssMb > peak.pssMb) peak = now;
  };
  const timer = setInterval(look, SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      look();
      return peak;
    },
  };
}

function sum(processes: readonly ProcessUse[], field: 'pssMb' | 'rssMb'): number {
  return processes.reduce((total, one) => total + one[field], 0);
}
