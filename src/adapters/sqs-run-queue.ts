import {
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { gathered } from '#adapters/gathered';
import type { RunRef } from '#core/runs/run';
import type { RunQueue } from '#core/runs/run-queue';

type Message = Omit<SendMessageCommandInput, 'QueueUrl'> & { readonly QueueUrl: string };

/** Most messages of one call. */
const MOST_TOGETHER = 10;

/**
 * The run queue. Messages of the same moment are sent together.
 *
 * @param deadLetterUrl where buried runs go; only a worker needs it
 */
export function sqsRunQueue(client: SQSClient, url: string, deadLetterUrl = ''): RunQueue {
  async function sendOne(message: Message): Promise<undefined> {
    await client.send(new SendMessageCommand(message));
  }

  async function sendAll(messages: readonly Message[]): Promise<(undefined | Error)[]> {
    const Entries = messages.map(({ QueueUrl: _, ...entry }, place) => ({
      Id: String(place),
      ...entry,
    }));
    const QueueUrl = messages[0]?.QueueUrl;
    const { Failed } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    const failed = new Set(Failed?.map(({ Id }) => Id));
    // The SDK repeats calls, not parts of them.
    const again = (message: Message) => sendOne(message).catch((error: Error) => error);
    return Promise.all(
      messages.map((message, place) => (failed.has(String(place)) ? again(message) : undefined)),
    );
  }

  const sendTogether = gathered<Message, undefined>({
    keyOf: ({ QueueUrl }) => QueueUrl,
    most: MOST_TOGETHER,
    call: sendAll,
    alone: sendOne,
  });
  const send = (QueueUrl: string, ref: RunRef, MessageGroupId: string, delaySeconds = 0) =>
    sendTogether({
      QueueUrl,
      MessageBody: JSON.stringify({ user_id: ref.userId, run_id: ref.runId }),
      MessageGroupId,
      ...(delaySeconds > 0 && { DelaySeconds: delaySeconds }),
    });
  // A user's flood must not hold up another user: SQS serves quiet groups first. Nor must it hold up
  // the user's own runs that are called, or slots stay empty meanwhile; those are never many.
  return {
    enqueue: (ref, delaySeconds) => send(url, ref, ref.userId, delaySeconds),
    call: (ref) => send(url, ref, groupOfCalled(ref)),
    bury: (ref) => send(deadLetterUrl, ref, ref.userId),
  };
}

/** At most 128 characters, as SQS asks for. */
function groupOfCalled({ userId }: RunRef): string {
  return `${userId.slice(0, 120)}/called`;
}
