import {
  GetQueueAttributesCommand,
  ListQueuesCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { TestMachine } from '#test/helpers/machine';

/** Puts up to ten messages into a machine's run queue, which gives them out together. */
export async function putIntoRunQueue(
  machine: TestMachine,
  messages: readonly object[],
): Promise<void> {
  const Entries = messages.map((message, place) => ({
    Id: String(place),
    MessageBody: JSON.stringify(message),
  }));
  await withRunQueue(machine, (queues, QueueUrl) =>
    queues.send(new SendMessageBatchCommand({ QueueUrl, Entries })),
  );
}

/** How many messages a machine's run queue holds, given out or not. */
export async function sizeOfRunQueue(machine: TestMachine): Promise<number> {
  const { Attributes } = await withRunQueue(machine, (queues, QueueUrl) =>
    queues.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] })),
  );
  const { ApproximateNumberOfMessages: waiting, ApproximateNumberOfMessagesNotVisible: given } =
    Attributes ?? {};
  return Number(waiting) + Number(given);
}

async function withRunQueue<Answer>(
  { endpoints }: TestMachine,
  ask: (queues: SQSClient, url: string | undefined) => Promise<Answer>,
): Promise<Answer> {
  const queues = new SQSClient({
    endpoint: endpoints.sqs,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  try {
    const { QueueUrls = [] } = await queues.send(new ListQueuesCommand({}));
    return await ask(
      queues,
      QueueUrls.find((url) => !/dead|dlq/i.test(url)),
    );
  } finally {
    queues.destroy();
  }
}

/** Calls that deleted messages which a worker was done with. */
export function deletions(machine: TestMachine): number {
  return machine.counters().poller['DeleteMessageBatch'] ?? 0;
}
