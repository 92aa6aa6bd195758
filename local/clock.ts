/** Time as the emulators know it; tests bring their own. */
export type Clock = {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls back once so many milliseconds have passed. @returns the way to call it off. */
  after(milliseconds: number, callback: () => void): () => void;
};

/** The machine's own time; waiting for it keeps no process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds).unref();
    return () => clearTimeout(timer);
  },
};

/** Milliseconds on a clock that all threads share and nobody sets; it begins anywhere. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
