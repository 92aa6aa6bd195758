import type { Payload } from '#core/payload';
import type { RunRef } from '#core/runs/run';

/** Where payloads live. */
export type PayloadStore = {
  /**
   * Keeps a JSON text under a name that is unique within the run.
   *
   * @param room bytes that may still go into the run's own item
   */
  put(ref: RunRef, name: string, json: string, room: number): Promise<Payload>;
  /** The JSON text. */
  get(ref: RunRef, payload: Payload): Promise<string>;
  /** Lets a payload go that no run names. */
  discard(ref: RunRef, payload: Payload): Promise<void>;
};
