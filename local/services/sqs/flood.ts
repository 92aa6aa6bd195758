import { monotonicMs } from '#local/clock';

/**
 * How many of one group are in flight at once, where each was given out less than `newForMs` ago. SQS, too, holds back groups
 * that have much in flight.
 */
const LIMITS = {
  /** As many as the largest plan has slots: so quick runs do not come to find none free, and slow ones fill them. */
  always: { most: 25, newForMs: 1_000 },
  /** Whoever sends a flood waits for answers, and the same processors make those and execute the runs. */
  whileMoreCome: { most: 8, newForMs: 100 },
} as const;

type Limit = (typeof LIMITS)[keyof typeof LIMITS];

/** Keeps the rest of a flood in the queue, where waiting costs nothing. Groups are users. */
export type FloodGate<Message> = {
  /** A message of the group has come to the queue. */
  came(groupId: string): void;
  /** Whether one more of the group may be given out now; when that changes, `onRoom` is called. */
  hasRoom(groupId: string): boolean;
  gave(groupId: string, message: Message): void;
  /** The message is not in flight any more. */
  ended(groupId: string, message: Message): void;
};

type Group<Message> = {
  /** What was given out, oldest first, and when. */
  readonly given: Map<Message, number>;
  lastCame: number;
};

/** @param onRoom called when there may be room that there was not before. */
export function createFloodGate<Message>(onRoom: () => void): FloodGate<Message> {
  /** Those of which something is in flight. */
  const groups = new Map<string, Group<Message>>();
  let wakesAt = Infinity;
  let timer: NodeJS.Timeout | undefined;

  function wakeAt(at: number, now: number): void {
    if (at >= wakesAt) return;
    clearTimeout(timer);
    wakesAt = at;
    timer = setTimeout(() => {
      wakesAt = Infinity;
      onRoom();
    }, at - now).unref();
  }

  return {
    came(groupId) {
      const group = groups.get(groupId);
      if (group) group.lastCame = monotonicMs();
    },
    hasRoom(groupId) {
      const group = groups.get(groupId);
      if (!group) return true;
      const now = monotonicMs();
      const at = roomAt(group, now);
      if (at > now) wakeAt(at, now);
      return at <= now;
    },
    gave(groupId, message) {
      if (groupId === '') return;
      const now = monotonicMs();
      const group = groups.get(groupId) ?? { given: new Map<Message, number>(), lastCame: now };
      groups.set(groupId, group);
      group.given.set(message, now);
    },
    ended(groupId, message) {
      const group = groups.get(groupId);
      if (!group?.given.delete(message)) return;
      if (group.given.size === 0) groups.delete(groupId);
      onRoom();
    },
  };
}

/** When there is room for one more of a group. */
function roomAt<Message>({ given, lastCame }: Group<Message>, now: number): number {
  const { always, whileMoreCome } = LIMITS;
  for (const [message, at] of given) {
    if (at > now - always.newForMs) break;
    given.delete(message);
  }
  const times = [...given.values()];
  const floodEnds = lastCame + whileMoreCome.newForMs;
  return Math.max(fullUntil(times, always), Math.min(fullUntil(times, whileMoreCome), floodEnds));
}

function fullUntil(times: readonly number[], { most, newForMs }: Limit): number {
  return (times.at(-most) ?? -Infinity) + newForMs;
}
