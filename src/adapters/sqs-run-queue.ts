import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { RunQueue } from '#core/ports';
import type { RunRef } from '#core/runs/run';

/**
 * The run queue.
 *
 * @param deadLetterUrl where buried runs go; only a worker needs it
 */
export function sqsRunQueue(client: SQSClient, url: string, deadLetterUrl = ''): RunQueue {
  const send = async (QueueUrl: string, ref: RunRef, delaySeconds = 0) => {
    await client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: JSON.stringify({ user_id: ref.userId, run_id: ref.runId }),
        // A user's flood must not hold up another user: SQS serves quiet groups first.
        MessageGroupId: ref.userId,
        ...(delaySeconds > 0 && { DelaySeconds: delaySeconds }),
      }),
    );
  };
  return {
    enqueue: (ref, delaySeconds) => send(url, ref, delaySeconds),
    bury: (ref) => send(deadLetterUrl, ref),
  };
}
