import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { Fire } from '#core/fire-schedule';
import type { RunQueue } from '#core/ports';
import type { RunRef } from '#core/run';

const Name = z.string().min(1);

/**
 * A message of the run queue: a run, or the fire of a schedule. Ids only, so that no secret and no
 * large value passes through it.
 */
export const QueueMessage = z.union([
  z
    .strictObject({ user_id: Name, run_id: Name })
    .transform((message): RunRef => ({ userId: message.user_id, runId: message.run_id })),
  z
    .strictObject({
      user_id: Name,
      agent_id: Name,
      generation: z.int(),
      scheduled_at: z.iso.datetime(),
    })
    .transform(
      (message): Fire => ({
        userId: message.user_id,
        agentId: message.agent_id,
        generation: message.generation,
        scheduledAt: Date.parse(message.scheduled_at),
      }),
    ),
]);

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
