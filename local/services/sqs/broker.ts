import { randomUUID } from 'node:crypto';
import { invalid, noQueue } from '#local/services/sqs/errors';
import { openJournal, type StoredMessage } from '#local/services/sqs/journal';
import { createQueue, type Message, type Queue } from '#local/services/sqs/queue';
import type { Place } from '#local/types';

/** A queue's settings, in SQS's attribute names. */
type QueueAttributes = Readonly<Record<string, string>>;

/** A message to send. */
export type NewMessage = {
  readonly body: string;
  readonly groupId?: string | undefined;
  /** JSON of its message attributes. */
  readonly attributes?: string | undefined;
  /** @default the queue's */
  readonly delaySeconds?: number | undefined;
};

/** All queues of one account in one region. Every promise resolves when its change is durable. */
export type Broker = Place & {
  /** Makes the queue, or changes its attributes. */
  configure(name: string, attributes: QueueAttributes): Promise<void>;
  /** @throws SqsError when there is no such queue; so do all that take a name. */
  attributes(name: string): QueueAttributes;
  counts(name: string): Queue['counts'];
  send(name: string, messages: readonly NewMessage[]): Promise<Message[]>;
  receive(
    name: string,
    options: ReceiveOptions & { readonly waitSeconds: number; readonly signal?: AbortSignal },
  ): Promise<Message[]>;
  /** Unknown and outdated receipt handles are left alone, as SQS does. */
  remove(name: string, receiptHandles: readonly string[]): Promise<void>;
  /** @returns whether the message was in flight. */
  hide(name: string, receiptHandle: string, seconds: number): boolean;
  /** Send a dead-letter queue's messages back to where each came from, or to one queue. */
  redrive(name: string, destination?: string): Promise<number>;
  readonly names: Iterable<string>;
  arn(name: string): string;
  close(): void;
};

type ReceiveOptions = { readonly limit: number; readonly visibilitySeconds?: number | undefined };
type Waiter = ReceiveOptions & { answer(deliveries: Message[]): void };
type Entry = { attributes: QueueAttributes; readonly queue: Queue; readonly waiters: Set<Waiter> };
type RedrivePolicy = {
  readonly deadLetterTargetArn?: string;
  readonly maxReceiveCount?: number | string;
};

const DEFAULTS: QueueAttributes = {
  DelaySeconds: '0',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  VisibilityTimeout: '30',
};
const EXPIRY_EVERY_MS = 60_000;

/**
 * Standard queues kept in one file. What was in flight when the process died is ready again after the next start:
 * its consumers died with it.
 *
 * @param file path of the SQLite database.
 */
export function openBroker(file: string, place: Place): Broker {
  const journal = openJournal(file);
  const entries = new Map<string, Entry>();
  let lastId = journal.messages.at(-1)?.id ?? 0;

  for (const { name, attributes } of journal.queues) open(name, JSON.parse(attributes));
  for (const stored of journal.messages) {
    entries.get(stored.queue)?.queue.add(restore(stored), stored.delayed_until - Date.now());
  }
  const expiry = setInterval(() => void expire(), EXPIRY_EVERY_MS).unref();

  function open(name: string, attributes: QueueAttributes): void {
    const waiters = new Set<Waiter>();
    let serving = false;
    const queue = createQueue(() => {
      if (serving || waiters.size === 0) return;
      serving = true;
      // Not at once: what becomes ready in one turn can leave together.
      queueMicrotask(() => {
        serving = false;
        for (const waiter of waiters) {
          const taken = take(name, waiter);
          if (taken.length === 0) return;
          waiters.delete(waiter);
          waiter.answer(taken);
        }
      });
    });
    entries.set(name, { attributes, queue, waiters });
  }

  function entry(name: string): Entry {
    const found = entries.get(name);
    if (!found) throw noQueue();
    return found;
  }

  /** Ready messages, now in flight; those received too often go to the dead-letter queue instead. */
  function take(name: string, { limit, visibilitySeconds }: ReceiveOptions): Message[] {
    const { attributes, queue } = entry(name);
    const { deadLetterTargetArn = '', maxReceiveCount }: RedrivePolicy = JSON.parse(
      attributes['RedrivePolicy'] ?? '{}',
    );
    const deadLetters = nameIn(deadLetterTargetArn);
    const most = entries.has(deadLetters) ? Number(maxReceiveCount ?? Infinity) : Infinity;
    const visibilityMs = (visibilitySeconds ?? Number(attributes['VisibilityTimeout'])) * 1000;
    const taken: Message[] = [];
    while (taken.length < limit) {
      const message = queue.take(visibilityMs);
      if (!message) break;
      if (message.receiveCount >= most) giveUp(name, message, deadLetters);
      else taken.push(received(message));
    }
    return taken;
  }

  function received(message: Message): Message {
    message.receiveCount += 1;
    message.firstReceivedAt ??= Date.now();
    const { id, receiveCount, firstReceivedAt } = message;
    // Nobody waits for it: lost, the message can only be received once more than it may be.
    journal.commit((writer) => writer.received(id, receiveCount, firstReceivedAt)).catch(report);
    return message;
  }

  function giveUp(name: string, message: Message, deadLetters: string): void {
    move(name, message, deadLetters, arn(name)).catch(report);
  }

  async function move(from: string, message: Message, to: string, sourceArn: string | null) {
    entry(from).queue.remove(message);
    await journal.commit((writer) => writer.move(message.id, to, sourceArn));
    entry(to).queue.add({ ...message, receiveCount: 0, sourceArn }, 0);
  }

  async function removeAll(queue: Queue, messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    await journal.commit((writer) => {
      for (const { id } of messages) writer.remove(id);
    });
    for (const message of messages) queue.remove(message);
  }

  async function expire(): Promise<void> {
    for (const { attributes, queue } of entries.values()) {
      const oldest = Date.now() - Number(attributes['MessageRetentionPeriod']) * 1000;
      const old = [...queue.all()].filter(({ sentAt }) => sentAt < oldest);
      await removeAll(queue, old).catch(report);
    }
  }

  function arn(name: string): string {
    return `arn:aws:sqs:${place.region}:${place.accountId}:${name}`;
  }

  return {
    ...place,
    arn,
    get names() {
      return entries.keys();
    },
    attributes: (name) => entry(name).attributes,
    counts: (name) => entry(name).queue.counts,
    async configure(name, changes) {
      const attributes = { ...DEFAULTS, ...entries.get(name)?.attributes, ...changes };
      const stored = { name, attributes: JSON.stringify(attributes) };
      await journal.commit((writer) => writer.putQueue(stored));
      const existing = entries.get(name);
      if (existing) existing.attributes = attributes;
      else open(name, attributes);
    },
    async send(name, messages) {
      const { attributes, queue } = entry(name);
      const now = Date.now();
      const added = messages.map((message) => {
        lastId += 1;
        const delaySeconds = message.delaySeconds ?? Number(attributes['DelaySeconds']);
        return store(name, lastId, message, now, now + delaySeconds * 1000);
      });
      await journal.commit((writer) => added.forEach(writer.add));
      return added.map((stored) => {
        const message = restore(stored);
        queue.add(message, stored.delayed_until - now);
        return message;
      });
    },
    async receive(name, { limit, visibilitySeconds, waitSeconds, signal }) {
      const messages = take(name, { limit, visibilitySeconds });
      if (messages.length > 0 || waitSeconds === 0) return messages;
      return wait(entry(name).waiters, { limit, visibilitySeconds }, waitSeconds, signal);
    },
    async remove(name, receiptHandles) {
      const { queue } = entry(name);
      const messages = receiptHandles.flatMap((handle) => queue.find(handle) ?? []);
      await removeAll(queue, messages);
    },
    hide: (name, receiptHandle, seconds) => entry(name).queue.hide(receiptHandle, seconds * 1000),
    async redrive(name, destination) {
      const messages = [...entry(name).queue.all()];
      for (const message of messages) {
        const to = destination ?? nameIn(message.sourceArn ?? '');
        if (!entries.has(to)) throw invalid('DestinationArn', `there is no queue ${to}`);
      }
      await Promise.all(
        messages.map((message) =>
          move(name, message, destination ?? nameIn(message.sourceArn ?? ''), null),
        ),
      );
      return messages.length;
    },
    close() {
      clearInterval(expiry);
      for (const { waiters } of entries.values()) {
        for (const waiter of waiters) waiter.answer([]);
      }
      journal.close();
    },
  };
}

function wait(
  waiters: Set<Waiter>,
  options: ReceiveOptions,
  seconds: number,
  signal: AbortSignal | undefined,
): Promise<Message[]> {
  return new Promise((resolve) => {
    const waiter: Waiter = {
      ...options,
      answer(messages) {
        clearTimeout(timer);
        signal?.removeEventListener('abort', giveUp);
        waiters.delete(waiter);
        resolve(messages);
      },
    };
    // A consumer that is gone must not be given a message.
    const giveUp = () => waiter.answer([]);
    const timer = setTimeout(giveUp, seconds * 1000);
    signal?.addEventListener('abort', giveUp, { once: true });
    waiters.add(waiter);
  });
}

function store(
  queue: string,
  id: number,
  { body, groupId, attributes }: NewMessage,
  sentAt: number,
  delayedUntil: number,
): StoredMessage {
  return {
    id,
    queue,
    message_id: randomUUID(),
    body,
    group_id: groupId ?? null,
    attributes: attributes ?? null,
    sent_at: sentAt,
    delayed_until: delayedUntil,
    receive_count: 0,
    first_received_at: null,
    source_arn: null,
  };
}

function restore(stored: StoredMessage): Message {
  return {
    id: stored.id,
    messageId: stored.message_id,
    body: stored.body,
    groupId: stored.group_id ?? '',
    attributes: stored.attributes,
    sentAt: stored.sent_at,
    receiveCount: stored.receive_count,
    firstReceivedAt: stored.first_received_at,
    sourceArn: stored.source_arn,
  };
}

function nameIn(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}

/** What nobody waits for is told on stderr. */
function report(error: unknown): void {
  console.error('the queue journal failed', error);
}
