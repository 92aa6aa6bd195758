import { setTimeout as delay } from 'node:timers/promises';
import type { QueueClient } from '#local/queues/client';

/** Deletes delivered messages, ten at a time and behind the deliveries' back. */
export type Deleter = {
  add(receiptHandle: string): void;
  /** Resolves when all that was added is deleted, or has been given up. */
  flush(): Promise<void>;
};

const BATCH = 10;
const LONGEST_WAIT_MS = 5;
const ATTEMPTS = 3;
const RETRY_AFTER_MS = 100;

/** @param onError told when messages could not be deleted: they will be delivered again. */
export function createDeleter(
  queue: QueueClient,
  queueUrl: string,
  onError: (message: string) => void,
): Deleter {
  const underWay = new Set<Promise<void>>();
  let held: string[] = [];
  let timer: NodeJS.Timeout | undefined;

  function sendHeld(): void {
    clearTimeout(timer);
    timer = undefined;
    if (held.length === 0) return;
    const request = deleteAll(held).finally(() => underWay.delete(request));
    held = [];
    underWay.add(request);
  }

  async function deleteAll(receiptHandles: readonly string[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await queue.deleteBatch(queueUrl, receiptHandles);
      } catch (error) {
        if (attempt === ATTEMPTS) return onError(`${queueUrl}: messages are not deleted: ${error}`);
        await delay(RETRY_AFTER_MS);
      }
    }
  }

  return {
    add(receiptHandle) {
      held.push(receiptHandle);
      if (held.length === BATCH) sendHeld();
      else timer ??= setTimeout(sendHeld, LONGEST_WAIT_MS);
    },
    async flush() {
      sendHeld();
      await Promise.all(underWay);
    },
  };
}
