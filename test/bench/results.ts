import type { Billing } from '#test/bench/billing';
import type { Memory } from '#test/bench/memory';
import type { BenchOptions } from '#test/bench/options';
import type { Latency, Round } from '#test/bench/rounds';
import type { Start } from '#test/bench/starts';

/** What was measured about one kind of run. */
export type KindResult = {
  /** All rounds under load, in their order. */
  readonly rounds: readonly Round[];
  /** The one with the median of runs a second. */
  readonly median: Round;
  readonly steady: Latency;
};

/** Everything that a benchmark found. */
export type Results = {
  /** ISO 8601 */
  readonly at: string;
  readonly options: BenchOptions;
  readonly machine: {
    readonly cpus: number;
    readonly model: string;
    readonly node: string;
    /** Processes that wanted a CPU in the minute before the start: above 0.5, others were busy here. */
    readonly loadBefore: number;
  };
  readonly starts: {
    readonly cold?: Start;
    readonly first: Start;
    readonly later: readonly Start[];
  };
  readonly memory: {
    readonly afterStart: Memory;
    readonly underLoad: Memory;
    readonly afterLoad: Memory;
  };
  readonly one: KindResult;
  readonly three: KindResult;
  readonly billing: Billing;
};
