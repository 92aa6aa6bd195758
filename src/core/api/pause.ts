import * as z from 'zod';
import { Moment } from '#core/api/shared';
import type { PauseState } from '#core/pause';

/** Whether runs are dispatched. */
export const PauseView = z
  .strictObject({
    paused: z.boolean().describe('Whether nothing new is started.'),
    reason: z.string().nullable(),
    since: Moment.nullable().describe('Since when it is so.'),
    by: z.string().nullable().describe('The user who said so.'),
  })
  .meta({ id: 'Pause' });

/** A pause as operators see it. */
export function presentPause(state: PauseState | undefined): z.infer<typeof PauseView> {
  const { paused = false, reason = '', since = null, by = null } = state ?? {};
  return { paused, reason: reason === '' ? null : reason, since, by };
}
