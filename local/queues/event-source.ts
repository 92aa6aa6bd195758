import { setTimeout as delay } from 'node:timers/promises';
import type { InvocationResult } from '#local/lambda/protocol';
import type { QueueClient, QueueMessage } from '#local/queues/client';
import { createDeleter } from '#local/queues/deleter';
import type { QueueMapping } from '#local/queues/mappings';
import { sqsEvent } from '#local/queues/sqs-event';

/** A running poller of one queue. */
export type EventSource = {
  /** Takes no more messages; resolves when the deliveries under way have ended and the queue knows. */
  stop(): Promise<void>;
};

/** What a poller needs. */
export type EventSourceSetting = {
  readonly queue: QueueClient;
  readonly region: string;
  /** Never rejects for what a function does. */
  invoke(
    functionName: string,
    payload: string,
    options: { readonly isolated: boolean },
  ): Promise<InvocationResult>;
  /** Told when the queue cannot be asked; the poller goes on trying. */
  onError(message: string): void;
};

const LONG_POLL_SECONDS = 20;
const MAX_RECEIVE = 10;
const RETRY_AFTER_ERROR_MS = 500;
/** A delivery that failed is tried again after this, instead of the queue's whole visibility timeout as on AWS. */
const RETRY_VISIBILITY_SECONDS = 1;

/**
 * Polls a queue and invokes its function, as Lambda's own poller does. What was delivered before runs alone in an
 * environment, so that a message that crashes its environment takes others down with it once, not each time.
 */
export function startEventSource(mapping: QueueMapping, setting: EventSourceSetting): EventSource {
  const { queueUrl, batchSize, maximumConcurrency } = mapping;
  const { queue, onError } = setting;
  const deliveries = new Set<Promise<void>>();
  const deleter = createDeleter(queue, queueUrl, onError);
  let hasStopped = false;
  let placeFreed = Promise.withResolvers<void>();

  async function poll(): Promise<void> {
    while (!hasStopped) {
      const free = maximumConcurrency - deliveries.size;
      if (free > 0) await receive(Math.min(MAX_RECEIVE, free * batchSize));
      else await placeFreed.promise;
    }
  }

  async function receive(limit: number): Promise<void> {
    try {
      const messages = await queue.receive(queueUrl, limit, LONG_POLL_SECONDS);
      if (hasStopped) for (const message of messages) void retrySoon(message);
      else for (const batch of batches(messages, batchSize)) start(batch);
    } catch (error) {
      if (hasStopped) return;
      onError(`${queueUrl} cannot be polled: ${error}`);
      await delay(RETRY_AFTER_ERROR_MS);
    }
  }

  function start(batch: readonly QueueMessage[]): void {
    const delivery = deliver(batch).finally(() => {
      deliveries.delete(delivery);
      placeFreed.resolve();
      placeFreed = Promise.withResolvers();
    });
    deliveries.add(delivery);
  }

  async function deliver(batch: readonly QueueMessage[]): Promise<void> {
    const payload = JSON.stringify(sqsEvent(batch, mapping.queueArn, setting.region));
    const isolated = batch.some(wasDelivered);
    const result = await setting.invoke(mapping.functionName, payload, { isolated });
    const failures = failedMessages(result, batch, mapping.reportsBatchItemFailures);
    for (const message of batch) {
      if (failures.has(message.MessageId)) void retrySoon(message);
      else deleter.add(message.ReceiptHandle);
    }
  }

  /** If even this fails, the message comes back by itself when its visibility timeout ends. */
  async function retrySoon({ ReceiptHandle }: QueueMessage): Promise<void> {
    try {
      await queue.changeVisibility(queueUrl, ReceiptHandle, RETRY_VISIBILITY_SECONDS);
    } catch (error) {
      if (!hasStopped) onError(`${queueUrl}: a message cannot be released: ${error}`);
    }
  }

  void poll();
  return {
    async stop() {
      hasStopped = true;
      await Promise.all(deliveries);
      await deleter.flush();
    },
  };
}

/** First deliveries together, as many as the mapping takes; redeliveries each by itself. */
function batches(messages: readonly QueueMessage[], size: number): QueueMessage[][] {
  const fresh = messages.filter((message) => !wasDelivered(message));
  const groups = messages.filter(wasDelivered).map((message) => [message]);
  for (let start = 0; start < fresh.length; start += size) {
    groups.push(fresh.slice(start, start + size));
  }
  return groups;
}

function wasDelivered({ Attributes }: QueueMessage): boolean {
  return Number(Attributes?.['ApproximateReceiveCount'] ?? 1) > 1;
}

/** The ids of the messages that must come again. An answer that names an unknown message fails the whole batch. */
function failedMessages(
  result: InvocationResult,
  batch: readonly QueueMessage[],
  reportsBatchItemFailures: boolean,
): ReadonlySet<string> {
  const all = new Set(batch.map(({ MessageId }) => MessageId));
  if (result.status === 'failed') return all;
  if (!reportsBatchItemFailures) return new Set();
  const answer = JSON.parse(result.payload) as {
    batchItemFailures?: { itemIdentifier?: unknown }[] | null;
  } | null;
  const reported = answer?.batchItemFailures ?? [];
  if (!Array.isArray(reported)) return all;
  const failed = new Set<string>();
  for (const { itemIdentifier } of reported) {
    if (typeof itemIdentifier !== 'string' || !all.has(itemIdentifier)) return all;
    failed.add(itemIdentifier);
  }
  return failed;
}
