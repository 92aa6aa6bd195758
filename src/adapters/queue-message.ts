import * as z from 'zod';
import type { RunRef } from '#core/runs/run';
import type { Fire } from '#core/schedules/fire-schedule';

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
