import * as z from 'zod';
import { Moment } from '#core/api/shared';
import { runStatuses } from '#core/runs/run';

const Counts = z
  .partialRecord(z.enum(runStatuses), z.int())
  .describe('Number of runs by status; a status without runs is left out.');

const Percentiles = z.strictObject({ p50: z.int().nullable(), p95: z.int().nullable() });

/** How a user's runs went over a while. */
export const StatsView = z
  .strictObject({
    window: z.enum(['24h', '7d']),
    since: Moment,
    until: Moment,
    runs: z.int().describe('Runs that were looked at.'),
    truncated: z
      .boolean()
      .describe('Whether there were more runs than are looked at; then the oldest are left out.'),
    by_status: Counts,
    by_hour: z
      .array(z.strictObject({ hour: Moment, runs: z.int(), by_status: Counts }))
      .describe('Every hour of the window, oldest first.'),
    success_rate: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .describe('Successful runs among those that succeeded or failed; null without any.'),
    duration_ms: Percentiles.describe('From start to end, of the runs that are over.'),
    start_lag_ms: Percentiles.describe('From trigger to start.'),
    failing_agents: z
      .array(
        z.strictObject({
          agent_id: z.string(),
          name: z.string().nullable().describe('Null when the agent was deleted.'),
          failed: z.int(),
          runs: z.int(),
        }),
      )
      .describe('The five agents with the most failed runs.'),
    slow_agents: z
      .array(
        z.strictObject({
          agent_id: z.string(),
          name: z.string().nullable().describe('Null when the agent was deleted.'),
          duration_ms: Percentiles,
          runs: z.int().describe('Runs that are over.'),
        }),
      )
      .describe('The five agents whose runs take longest, by their median.'),
  })
  .meta({ id: 'Stats' });
export type StatsView = z.infer<typeof StatsView>;
