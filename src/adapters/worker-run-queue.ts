import type { RunQueue } from '#core/runs/run-queue';

/**
 * The run queue for workers. Most runs send no message while they are executed, so the client is loaded
 * with the first one that does.
 *
 * @param deadLetterUrl where buried runs go
 */
export function workerRunQueue(url: string, deadLetterUrl: string): RunQueue {
  let opened: Promise<RunQueue> | undefined;
  const open = () => {
    opened ??= openQueue(url, deadLetterUrl);
    return opened;
  };
  return {
    enqueue: async (ref, delaySeconds) => (await open()).enqueue(ref, delaySeconds),
    call: async (ref) => (await open()).call(ref),
    bury: async (ref) => (await open()).bury(ref),
  };
}

async function openQueue(url: string, deadLetterUrl: string): Promise<RunQueue> {
  const [{ queueClient }, { sqsRunQueue }] = await Promise.all([
    import('#adapters/queue-client'),
    import('#adapters/sqs-run-queue'),
  ]);
  return sqsRunQueue(queueClient(), url, deadLetterUrl);
}
