/**
 * Invocations that count as just begun. In a flood those that are under way are let finish before more are taken off a
 * queue: there, waiting costs nothing, while runs that wait for processors hold the slots that others then have to
 * line up for, which is as much work again. Those that wait for something else soon stop counting, so that slow servers
 * hold nobody up.
 */
export type BegunWork = {
  /** How many more may begin now; below zero when others began without asking. */
  readonly room: number;
  /** Resolves when one has ended, or has stopped counting. */
  readonly changed: Promise<void>;
  /** Counts an invocation. */
  during<Result>(invocation: Promise<Result>): Promise<Result>;
};

/** More than enough to keep a few processors busy, and about half of the slots of one user. */
const MOST_AT_ONCE = 12;
const LOOK_EVERY_MS = 250;
/** A quick run is over within one look, unless the processors are what it waits for; it counts for this many then. */
const MOST_LOOKS = 8;
/** From this share of idle processor time on, what is still under way waits for something else. */
const IDLE_SHARE = 0.1;

/**
 * Begins to count.
 *
 * @param idleShare the share of processor time that was idle since it was last asked, from 0 to 1
 */
export function createBegunWork(idleShare: () => number): BegunWork {
  /** With how many looks each has gone through. */
  const begun = new Map<symbol, number>();
  let looks: NodeJS.Timeout | undefined;
  let change = Promise.withResolvers<void>();

  function tellOfChange(): void {
    change.resolve();
    change = Promise.withResolvers();
  }

  function look(): void {
    const isBusy = idleShare() < IDLE_SHARE;
    for (const [invocation, looked] of begun) {
      // The first look may come right after the beginning.
      if (looked === 0 || (isBusy && looked < MOST_LOOKS)) begun.set(invocation, looked + 1);
      else begun.delete(invocation);
    }
    tellOfChange();
    if (begun.size === 0) looks = void clearInterval(looks);
  }

  return {
    get room() {
      return MOST_AT_ONCE - begun.size;
    },
    get changed() {
      return change.promise;
    },
    async during(invocation) {
      const key = Symbol();
      begun.set(key, 0);
      looks ??= setInterval(look, LOOK_EVERY_MS).unref();
      try {
        return await invocation;
      } finally {
        begun.delete(key);
        tellOfChange();
      }
    },
  };
}
