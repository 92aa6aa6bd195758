import type { Clock } from '#core/ports';
import { isFinal, type RunRef } from '#core/runs/run';
import type { AnnounceEnd } from '#core/runs/run-ending';
import type { RunStore } from '#core/runs/run-store';

/** Whether runs are dispatched. */
export type PauseState = {
  readonly paused: boolean;
  readonly reason: string;
  /** Since when, ISO 8601. */
  readonly since: string;
  /** Who said so. */
  readonly by: string;
};

/** Where it is said that all dispatch is to stop. */
export type PauseStore = {
  find(): Promise<PauseState | undefined>;
  put(state: PauseState): Promise<void>;
};

/** A worker may act on what it knew this long ago, in milliseconds. */
export const SEEN_WITHIN_MS = 1_000;

/** What a worker knows about a pause; it asks at most once a second, however many runs it has. */
export type Brake = {
  /** The pause that is on now. */
  current(): Promise<PauseState | undefined>;
  /** Does work that looks at `isOn` now and then, and asks every second meanwhile. */
  watchDuring<Result>(work: (isOn: () => boolean) => Promise<Result>): Promise<Result>;
};

/** The brake of one worker. */
export function openBrake(store: Pick<PauseStore, 'find'>, clock: Clock): Brake {
  let known: { readonly at: number; readonly state: Promise<PauseState | undefined> } | undefined;
  let isOn = false;

  function ask(): Promise<PauseState | undefined> {
    const now = clock.now();
    if (known !== undefined && now - known.at < SEEN_WITHIN_MS) return known.state;
    const state = store.find().then((found) => {
      isOn = found?.paused === true;
      return isOn ? found : undefined;
    });
    known = { at: now, state };
    // What could not be read is asked again at once, and does not count as a pause.
    state.catch(() => {
      known = undefined;
    });
    return state;
  }

  return {
    current: ask,
    async watchDuring(work) {
      const timer = setInterval(() => ask().catch(() => undefined), SEEN_WITHIN_MS);
      try {
        return await work(() => isOn);
      } finally {
        clearInterval(timer);
      }
    },
  };
}

/** Shortest and longest time for which a state machine waits before it asks again, in milliseconds. */
const SOONEST_MS = 2_000;
const LATEST_MS = 300_000;

/** When to ask again whether a pause is over, epoch milliseconds: the longer it lasts, the later. */
export function askAgainAt({ since }: PauseState, now: number): number {
  const lasted = now - Date.parse(since);
  return now + Math.min(Math.max(lasted / 10, SOONEST_MS), LATEST_MS);
}

/** What holding a run takes. */
export type HoldDeps = {
  readonly runs: Pick<RunStore, 'find' | 'watch'>;
  readonly announce: AnnounceEnd;
  readonly clock: Clock;
};

/**
 * Keeps a run whose message came during a pause: it stays as it is, and is due at once, so that the
 * first sweep after the pause enqueues it. The message is not needed any more.
 */
export async function holdRun(ref: RunRef, { runs, clock, announce }: HoldDeps): Promise<void> {
  const run = await runs.find(ref);
  if (run === undefined || run.claim !== undefined) return;
  // Whoever ended it may have been cut off before it was told.
  if (isFinal(run.status)) return announce(run);
  const isLater = run.waitingFor !== undefined && 'until' in run.waitingFor;
  const until = isLater && 'until' in run.waitingFor ? Date.parse(run.waitingFor.until) : 0;
  await runs.watch(run, new Date(Math.max(clock.now(), until)).toISOString());
}
