import { randomUUID } from 'node:crypto';
import { createFloodGate } from '#local/services/sqs/flood';

/** A message in memory. */
export type Message = {
  /** Order of arrival. */
  readonly id: number;
  readonly messageId: string;
  readonly body: string;
  /** Empty without one. */
  readonly groupId: string;
  readonly attributes: string | null;
  /** Epoch milliseconds, as are all times here. */
  readonly sentAt: number;
  receiveCount: number;
  firstReceivedAt: number | null;
  sourceArn: string | null;
  /** Of its last receive. */
  receiptHandle?: string;
};

/** A standard queue's messages: ready, delayed or in flight. Nothing here is durable. */
export type Queue = {
  add(message: Message, delayMs: number): void;
  /** The next ready message, now in flight with a new receipt handle. */
  take(visibilityMs: number): Message | undefined;
  /** The message of a receipt handle, also when its visibility timeout is over, until it is received again. */
  find(receiptHandle: string): Message | undefined;
  /** Hide a message in flight for so long from now on; 0 makes it ready. @returns whether it was in flight. */
  hide(receiptHandle: string, visibilityMs: number): boolean;
  remove(message: Message): void;
  all(): Iterable<Message>;
  readonly counts: { readonly ready: number; readonly inFlight: number; readonly delayed: number };
};

/** @param onReady called when a message has become ready. */
export function createQueue(onReady: () => void): Queue {
  const messages = new Map<number, Message>();
  const receipts = new Map<string, Message>();
  /** Ready messages by group. The map's order is whose turn it is: a group that was served goes to the end. */
  const groups = new Map<string, Set<Message>>();
  const timers = new Map<Message, NodeJS.Timeout>();
  const inFlight = new Set<Message>();
  const flood = createFloodGate<Message>(onReady);

  function makeReady(message: Message): void {
    uncover(message);
    const group = groups.get(message.groupId);
    if (group) group.add(message);
    else groups.set(message.groupId, new Set([message]));
    onReady();
  }

  function cover(message: Message, forMs: number): void {
    clearTimeout(timers.get(message));
    timers.set(message, setTimeout(makeReady, forMs, message).unref());
  }

  function uncover(message: Message): void {
    clearTimeout(timers.get(message));
    timers.delete(message);
    inFlight.delete(message);
    flood.ended(message.groupId, message);
  }

  /** Groups take turns, so that one with thousands of messages does not keep another waiting. */
  function next(): Message | undefined {
    for (const [groupId, group] of groups) {
      if (!flood.hasRoom(groupId)) continue;
      for (const message of group) {
        group.delete(message);
        groups.delete(groupId);
        if (group.size > 0) groups.set(groupId, group);
        return message;
      }
    }
    return undefined;
  }

  return {
    add(message, delayMs) {
      messages.set(message.id, message);
      flood.came(message.groupId);
      if (delayMs > 0) cover(message, delayMs);
      else makeReady(message);
    },
    take(visibilityMs) {
      const message = next();
      if (!message) return undefined;
      receipts.delete(message.receiptHandle ?? '');
      message.receiptHandle = randomUUID();
      receipts.set(message.receiptHandle, message);
      inFlight.add(message);
      cover(message, visibilityMs);
      flood.gave(message.groupId, message);
      return message;
    },
    find: (receiptHandle) => receipts.get(receiptHandle),
    hide(receiptHandle, visibilityMs) {
      const message = receipts.get(receiptHandle);
      if (!message || !inFlight.has(message)) return false;
      if (visibilityMs > 0) cover(message, visibilityMs);
      else makeReady(message);
      return true;
    },
    remove(message) {
      uncover(message);
      messages.delete(message.id);
      receipts.delete(message.receiptHandle ?? '');
      const group = groups.get(message.groupId);
      group?.delete(message);
      if (group?.size === 0) groups.delete(message.groupId);
    },
    all: () => messages.values(),
    get counts() {
      const delayed = timers.size - inFlight.size;
      return { ready: messages.size - timers.size, inFlight: inFlight.size, delayed };
    },
  };
}
