import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { RunQueue } from '#core/ports';
import type { RunRef } from '#core/runs/run';

/**
 * The run queue.
 *
 * @param deadLetterUrl where buried runs go; only a worker needs it
 */
export function sqsRunQueue(client: SQSClient, url: string, deadLetterUrl = ''): RunQueue {
  const send = async (QueueUrl: string, ref: RunRef, groupId: string, delaySeconds = 0) => {
    await client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: JSON.stringify({ user_id: ref.userId, run_id: ref.runId }),
        MessageGroupId: groupId,
        ...(delaySeconds > 0 && { DelaySeconds: delaySeconds }),
      }),
    );
  };
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
