import type { RunRef } from '#core/runs/run';

/** The queue that workers take runs from. */
export type RunQueue = {
  /** @param delaySeconds whole seconds, at most 900 */
  enqueue(ref: RunRef, delaySeconds?: number): Promise<void>;
  /** Enqueues a run that holds its slots: it is not kept waiting behind those of its user that come for one. */
  call(ref: RunRef): Promise<void>;
  /** Puts a run aside for people to look at. */
  bury(ref: RunRef): Promise<void>;
};
