import type { Clock } from '#local/clock';

/** Wakes what is due, with one timer for all. */
export type Timers<Key> = {
  /** Replaces the key's earlier time. */
  set(key: Key, at: number): void;
  clear(key: Key): void;
  stop(): void;
};

type Entry<Key> = { readonly key: Key; at: number; place: number };

/** The clock can be set, and the machine can sleep: no timer waits longer. */
const LONGEST_WAIT_MS = 1_000;

/** @param onDue told each key once when its time has come. */
export function createTimers<Key>(clock: Clock, onDue: (key: Key) => void): Timers<Key> {
  const entries = new Map<Key, Entry<Key>>();
  /** A binary heap: no entry is earlier than the one above it. */
  const heap: Entry<Key>[] = [];
  let timer: { readonly at: number; cancel(): void } | undefined;
  let stopped = false;

  function wakeAt(time: number): void {
    if (stopped) return;
    const at = Math.min(time, clock.now() + LONGEST_WAIT_MS);
    if (timer && timer.at <= at) return;
    timer?.cancel();
    timer = { at, cancel: clock.after(Math.max(0, at - clock.now()), wake) };
  }

  function wake(): void {
    timer = undefined;
    const now = clock.now();
    for (let top = heap[0]; top && top.at <= now; top = heap[0]) {
      remove(top);
      onDue(top.key);
    }
    if (heap[0]) wakeAt(heap[0].at);
  }

  function remove(entry: Entry<Key>): void {
    entries.delete(entry.key);
    const last = heap.pop();
    if (!last || last === entry) return;
    last.place = entry.place;
    settle(heap, last);
  }

  return {
    set(key, at) {
      const entry = entries.get(key) ?? { key, at, place: heap.length };
      entries.set(key, entry);
      entry.at = at;
      settle(heap, entry);
      wakeAt(at);
    },
    clear(key) {
      const entry = entries.get(key);
      if (entry) remove(entry);
    },
    stop() {
      stopped = true;
      timer?.cancel();
    },
  };
}

/** Moves an entry from its place to where its time belongs. */
function settle<Key>(heap: Entry<Key>[], entry: Entry<Key>): void {
  let { place } = entry;
  const put = (other: Entry<Key>, at: number) => {
    heap[at] = other;
    other.place = at;
  };
  for (let above = heap[(place - 1) >> 1]; place > 0 && above && above.at > entry.at; ) {
    put(above, place);
    place = (place - 1) >> 1;
    above = heap[(place - 1) >> 1];
  }
  for (;;) {
    const left = heap[2 * place + 1];
    const right = heap[2 * place + 2];
    const below = right && left && right.at < left.at ? right : left;
    if (!below || below.at >= entry.at) break;
    const from = below.place;
    put(below, place);
    place = from;
  }
  put(entry, place);
}
