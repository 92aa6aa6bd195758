import { useSyncExternalStore } from 'react';
import { fullTime, relativeTime } from '#dashboard/app/format/time.ts';

const TICK_MS = 15_000;
let ticks = 0;

function subscribe(changed: () => void): () => void {
  const timer = setInterval(() => {
    ticks += 1;
    changed();
  }, TICK_MS);
  return () => clearInterval(timer);
}

/** How long ago or ahead a moment is; the exact time on hover. */
export function RelativeTime({ at }: { readonly at: string }) {
  useSyncExternalStore(subscribe, () => ticks);
  return (
    <time dateTime={at} title={fullTime(at)}>
      {relativeTime(at, Date.now())}
    </time>
  );
}
