import {
  ClaimLostError,
  InsufficientCreditsError,
  RunCancelledError,
  StoreFaultError,
} from '#core/errors';
import { creditsForUsd } from '#core/limits/plans';
import { reserveCredits } from '#core/limits/reserve-credits';
import type { Execution } from '#core/runs/execution';
import { isOver, type StepRecord } from '#core/runs/run';

/** Counts what all attempts at a step spend outside. */
export type StepMeter = {
  /** Counts US dollars; negative takes an estimate back. */
  spend(usd: number): void;
  /** What is left of an amount of US dollars that all attempts share. */
  leftOf(maxUsd: number): number;
  /**
   * Reserves credits for the deployment's own language model, once for all attempts.
   *
   * @param maxUsd most that the step may spend
   * @returns US dollars that are left of it
   * @throws InsufficientCreditsError
   * @throws StoreFaultError when the account cannot be read or written
   */
  reserveModel(maxUsd: number): Promise<number>;
  /** Resolves when nothing is being reserved any more. */
  settled(): Promise<void>;
  /** The record with what was spent so far. */
  on(record: StepRecord): StepRecord;
};

/** @param begun the step's state as it is stored with a reservation */
export function stepMeter(
  earlier: StepRecord | undefined,
  begun: () => StepRecord,
  signal: AbortSignal,
  execution: Execution,
): StepMeter {
  let usd = earlier?.costUsd ?? 0;
  let reserved = earlier?.creditsReserved;
  let reserving: Promise<unknown> = Promise.resolve();

  function on(record: StepRecord): StepRecord {
    return {
      ...record,
      ...(usd > 0 && { costUsd: usd }),
      ...(reserved !== undefined && usd > 0 && { credits: creditsForUsd(usd) }),
      ...(reserved !== undefined && !isOver(record) && { creditsReserved: reserved }),
    };
  }

  const leftOf = (maxUsd: number) => Math.max(0, maxUsd - usd);

  async function reserve(maxUsd: number): Promise<void> {
    const credits = creditsForUsd(maxUsd);
    const record = { ...on(begun()), creditsReserved: credits };
    try {
      await reserveCredits(
        record,
        `The language model of this step (max_cost ${maxUsd} USD)`,
        execution,
      );
      reserved = credits;
    } catch (cause) {
      if (isVerdict(cause)) throw cause;
      throw new StoreFaultError('The account did not answer.', { cause });
    }
  }

  return {
    spend(more) {
      usd += more;
    },
    leftOf,
    async reserveModel(maxUsd) {
      // Nothing may be taken for a step that has been given up.
      signal.throwIfAborted();
      if (reserved === undefined && maxUsd > 0) {
        reserving = reserve(maxUsd);
        await reserving;
      }
      return leftOf(maxUsd);
    },
    async settled() {
      await reserving.catch(() => undefined);
    },
    on,
  };
}

/** Said on purpose about the step or its run; anything else is a fault of the stores. */
function isVerdict(cause: unknown): boolean {
  const verdicts = [InsufficientCreditsError, ClaimLostError, RunCancelledError];
  return verdicts.some((kind) => cause instanceof kind);
}
