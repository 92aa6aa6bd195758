import * as z from 'zod';
import { ActionStep, AgentSettings } from '#core/agents/agent';
import { Moment, pageOf } from '#core/api/shared';
import { runStatuses } from '#core/runs/run';
import { WEBHOOK_SCHEMES } from '#core/webhook-auth/webhook-auth';

const TriggerView = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('webhook'),
      auth: z.enum(WEBHOOK_SCHEMES).describe('How a caller proves itself.'),
      secret: z
        .string()
        .nullable()
        .describe('Whole in the answer that made it, masked but for its last characters later.'),
    }),
    z.strictObject({
      type: z.literal('schedule'),
      cron_expression: z.string().optional(),
      timezone: z.string().optional().describe('IANA time zone of the cron expression.'),
      run_at: Moment.optional().describe('Instead of a cron expression: the one time.'),
    }),
    z.strictObject({ type: z.literal('manual') }),
  ])
  .describe('What starts the agent.');
/** A trigger as callers see it: its secret is masked. */
export type TriggerView = z.infer<typeof TriggerView>;

/** So many of an agent's newest runs are counted. */
export const COUNTED_RUNS = 20;

const ActionView = ActionStep.required({ id: true }).meta({ id: 'Action' });

const definition = {
  name: z.string().describe('Shown to people; need not be unique.'),
  description: z.string().describe('What the agent is for.'),
  trigger_config: TriggerView,
  actions: z.array(ActionView).describe('Run one after the other.'),
  settings: AgentSettings,
};

/** An agent as callers see it. */
export const AgentView = z
  .strictObject({
    id: z.string(),
    user_id: z.string().describe('Its owner.'),
    ...definition,
    enabled: z.boolean().describe('Whether triggers start runs.'),
    version: z.int().describe('Counts the changes of the definition; send it as If-Match.'),
    webhook_url: z.string().nullable().describe('Where to call it, if its trigger is a webhook.'),
    next_run_at: Moment.nullable().describe('When it runs next, if its trigger is a schedule.'),
    last_run: z
      .strictObject({ id: z.string(), status: z.enum(runStatuses), triggered_at: Moment })
      .nullable(),
    run_counts: z
      .strictObject({ success: z.int(), failed: z.int(), cancelled: z.int() })
      .describe(`How its newest ${COUNTED_RUNS} runs ended; those that are open count nowhere.`),
    created_at: Moment,
    updated_at: Moment,
  })
  .meta({ id: 'Agent' });
export type AgentView = z.infer<typeof AgentView>;

/** A page of agents. */
export const AgentPage = pageOf(AgentView);

/** One version of an agent's definition. Versions never change. */
export const VersionView = z
  .strictObject({ version: z.int(), ...definition, created_at: Moment })
  .meta({ id: 'AgentVersion' });
export type VersionView = z.infer<typeof VersionView>;

/** A page of an agent's versions. */
export const VersionPage = pageOf(VersionView);
