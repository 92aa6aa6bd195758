import type { Clock } from '#local/clock';
import { createDeliverer, type Deliverer } from '#local/services/scheduler/deliverer';
import type { Delivery, Journal } from '#local/services/scheduler/journal';
import {
  keyOf,
  type Schedule,
  type ScheduleName,
  type Timetable,
  timetableOf,
} from '#local/services/scheduler/schedule';
import type { World } from '#local/services/scheduler/world';
import type { Place } from '#local/types';

/** Keeps schedules and runs them when they are due. Every promise resolves when its change is durable. */
export type Engine = {
  /** By group and name. */
  readonly schedules: ReadonlyMap<string, Schedule>;
  put(schedule: Schedule): Promise<void>;
  /** Also gives up what is owed for it. */
  remove(schedule: ScheduleName): Promise<void>;
  /** Begins to run what is due from now on, and what was due and not delivered when the machine was last killed. */
  run(world: World): void;
  /** Calls to targets so far. */
  readonly invocations: number;
  /** Starts nothing more; resolves when what runs has ended. */
  stop(): Promise<void>;
};

type Entry = {
  readonly schedule: Schedule;
  readonly timetable: Timetable;
  next: number | undefined;
};
/** What is owed, by schedule and id. */
type Owed = Map<string, Map<number, Delivery>>;

/** EventBridge Scheduler's precision. What is later than this was missed: the machine was off, or asleep. */
const LATEST_MS = 60_000;
/** The clock can be set, and the machine can sleep: no timer waits longer. */
const LONGEST_WAIT_MS = 60_000;

/** Makes the engine of the schedules in a journal. */
export function createEngine(journal: Journal, clock: Clock, place: Place): Engine {
  const entries = new Map<string, Entry>();
  const schedules = new Map<string, Schedule>();
  const owed: Owed = new Map();
  let lastId = 0;
  let deliverer: Deliverer | undefined;
  let world: World | undefined;
  let timer: { readonly at: number; cancel(): void } | undefined;

  for (const schedule of journal.schedules) keep(schedule, clock.now());
  for (const delivery of journal.deliveries) {
    owe(delivery);
    lastId = Math.max(lastId, delivery.id);
  }

  function keep(schedule: Schedule, after: number): Entry {
    const timetable = timetableOf(schedule);
    const isEnabled = schedule.definition.State === 'ENABLED';
    const entry = { schedule, timetable, next: isEnabled ? timetable.next(after) : undefined };
    entries.set(keyOf(schedule), entry);
    schedules.set(keyOf(schedule), schedule);
    return entry;
  }

  function forget(schedule: ScheduleName): void {
    entries.delete(keyOf(schedule));
    schedules.delete(keyOf(schedule));
    owed.delete(keyOf(schedule));
  }

  function owe(delivery: Delivery): void {
    const others = owed.get(keyOf(delivery));
    if (others) others.set(delivery.id, delivery);
    else owed.set(keyOf(delivery), new Map([[delivery.id, delivery]]));
  }

  function isOwed(delivery: Delivery): boolean {
    return owed.get(keyOf(delivery))?.has(delivery.id) ?? false;
  }

  function settle(delivery: Delivery): void {
    const all = owed.get(keyOf(delivery));
    all?.delete(delivery.id);
    if (all?.size === 0) owed.delete(keyOf(delivery));
  }

  function wakeAt(time: number | undefined): void {
    if (!deliverer) return;
    const at = Math.min(time ?? Number.POSITIVE_INFINITY, clock.now() + LONGEST_WAIT_MS);
    if (timer && timer.at <= at) return;
    timer?.cancel();
    timer = { at, cancel: clock.after(Math.max(0, at - clock.now()), wake) };
  }

  /** All schedules are looked at: thousands cost a fraction of a millisecond, and only when one is due. */
  function wake(): void {
    timer = undefined;
    const now = clock.now();
    const due: Delivery[] = [];
    let earliest = Number.POSITIVE_INFINITY;
    for (const entry of entries.values()) {
      for (const scheduledAt of passedTimes(entry, now)) {
        const { group, name, definition } = entry.schedule;
        lastId += 1;
        due.push({ id: lastId, group, name, scheduledAt, target: definition.Target });
      }
      earliest = Math.min(earliest, entry.next ?? Number.POSITIVE_INFINITY);
    }
    wakeAt(earliest);
    fire(due).catch((error: unknown) => world?.onProblem(`schedules did not run: ${error}`));
  }

  /** Written down before the first call: a kill in between leads to a second call, never to none. */
  async function fire(due: readonly Delivery[]): Promise<void> {
    if (due.length === 0) return;
    due.forEach(owe);
    await journal.commit((writer) => due.forEach(writer.addDelivery));
    due.forEach(deliver);
  }

  function deliver(delivery: Delivery): void {
    // Its schedule may have been removed meanwhile.
    if (isOwed(delivery)) deliverer?.deliver(delivery, () => end(delivery));
  }

  async function end(delivery: Delivery): Promise<void> {
    settle(delivery);
    try {
      await journal.commit((writer) => writer.removeDelivery(delivery.id));
      const entry = entries.get(keyOf(delivery));
      if (entry && isOver(entry)) await remove(delivery);
    } catch (error) {
      world?.onProblem(`a schedule's run was not recorded: ${error}`);
    }
  }

  function isOver({ schedule, next }: Entry): boolean {
    const { State, ActionAfterCompletion } = schedule.definition;
    const isLast = State === 'ENABLED' && next === undefined && !owed.has(keyOf(schedule));
    return isLast && ActionAfterCompletion === 'DELETE';
  }

  async function remove(schedule: ScheduleName): Promise<void> {
    forget(schedule);
    await journal.commit((writer) => writer.removeSchedule(schedule));
  }

  return {
    schedules,
    remove,
    async put(schedule) {
      const now = clock.now();
      // What has just come due still runs as it was.
      if (deliverer && (entries.get(keyOf(schedule))?.next ?? now + 1) <= now) wake();
      const { next } = keep(schedule, now);
      await journal.commit((writer) => writer.putSchedule(schedule));
      wakeAt(next);
    },
    run(reached) {
      world = reached;
      deliverer = createDeliverer(reached, clock, place);
      for (const delivery of journal.deliveries) deliver(delivery);
      const over = [...entries.values()].filter(isOver);
      Promise.all(over.map(({ schedule }) => remove(schedule))).catch((error: unknown) =>
        reached.onProblem(`schedules did not end: ${error}`),
      );
      wake();
    },
    get invocations() {
      return deliverer?.invocations ?? 0;
    },
    async stop() {
      timer?.cancel();
      await deliverer?.stop();
      deliverer = undefined;
    },
  };
}

/** The times that have come since the last look, except those missed; moves the entry on. */
function passedTimes(entry: Entry, now: number): number[] {
  const times: number[] = [];
  let { next } = entry;
  if (next !== undefined && next < now - LATEST_MS) {
    next = entry.timetable.next(now - LATEST_MS - 1);
  }
  while (next !== undefined && next <= now) {
    times.push(next);
    next = entry.timetable.next(next);
  }
  entry.next = next;
  return times;
}
