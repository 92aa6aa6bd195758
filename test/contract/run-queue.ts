import { ListQueuesCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { TestMachine } from '#test/helpers/machine';

/** Puts up to ten messages into a machine's run queue, which gives them out together. */
export async function putIntoRunQueue(
  { endpoints }: TestMachine,
  messages: readonly object[],
): Promise<void> {
  const queues = new SQSClient({
    endpoint: endpoints.sqs,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  try {
    const { QueueUrls = [] } = await queues.send(new ListQueuesCommand({}));
    const QueueUrl = QueueUrls.find((url) => !/dead|dlq/i.test(url));
    const Entries = messages.map((message, place) => ({
      Id: String(place),
      MessageBody: JSON.stringify(message),
    }));
    await queues.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  } finally {
    queues.destroy();
  }
}

/** Calls that deleted messages which a worker was done with. */
export function deletions(machine: TestMachine): number {
  return machine.counters().poller['DeleteMessageBatch'] ?? 0;
}
