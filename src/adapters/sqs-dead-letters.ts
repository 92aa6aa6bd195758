import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { QueueMessage } from '#adapters/queue-message';
import type { DeadLetter, DeadLetters } from '#core/runs/redrive';

/** Time in which a message must be worked off, in seconds: then it shows up again. */
const VISIBILITY_SECONDS = 120;

/** Queues are spread over many machines; a short wait asks all of them. */
const WAIT_SECONDS = 1;

/** The dead-letter queue, beside the run queue that its messages came from. */
export function sqsDeadLetters(
  client: SQSClient,
  urls: { readonly deadLetters: string; readonly runs: string },
): DeadLetters {
  const letterOf = ({ Body = '', ReceiptHandle }: Message): DeadLetter => {
    const message = QueueMessage.parse(JSON.parse(Body));
    return {
      run: 'runId' in message ? message : undefined,
      async giveBack() {
        const back = { QueueUrl: urls.runs, MessageBody: Body, MessageGroupId: message.userId };
        await client.send(new SendMessageCommand(back));
      },
      async remove() {
        await client.send(new DeleteMessageCommand({ QueueUrl: urls.deadLetters, ReceiptHandle }));
      },
    };
  };
  return {
    async take(most) {
      const received = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: urls.deadLetters,
          MaxNumberOfMessages: most,
          VisibilityTimeout: VISIBILITY_SECONDS,
          WaitTimeSeconds: WAIT_SECONDS,
        }),
      );
      return (received.Messages ?? []).map(letterOf);
    },
  };
}
