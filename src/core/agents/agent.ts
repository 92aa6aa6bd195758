import * as z from 'zod';
import { AlertSettings } from '#core/alerts/settings';
import { cronProblem, runAtProblem, timezoneProblem } from '#core/schedules/schedules';
import {
  secretProblem,
  WEBHOOK_SCHEMES,
  type WebhookScheme,
} from '#core/webhook-auth/webhook-auth';

/** Most steps that an agent may have, nested ones included. */
export const MAX_STEPS = 100;

/** How many levels of branches and loops may stand inside each other. */
export const MAX_NESTING = 5;

/** Longest definition, in bytes of JSON. */
export const MAX_DEFINITION_BYTES = 100 * 1_024;

/** What a masked secret starts with: sent back as it was read, it means no change. */
export const SECRET_MASK = '****';

const WebhookTrigger = z
  .strictObject({
    type: z.literal('webhook'),
    auth: z
      .enum(WEBHOOK_SCHEMES)
      .default('secret')
      .describe('How a caller proves itself: by a plain secret, or by signing as a provider does.'),
    secret: z
      .string()
      .max(512)
      .nullish()
      .describe(
        'Left out or null, the server makes one and shows it once. Stripe and Slack make their own: set the one that they show.',
      ),
  })
  .check((context) => {
    const { auth, secret } = context.value;
    if (secret == null || secret.startsWith(SECRET_MASK)) return;
    const message = secretProblem(auth, secret);
    if (message) context.issues.push({ code: 'custom', message, path: ['secret'], input: secret });
  });

const ScheduleTrigger = z
  .strictObject({
    type: z.literal('schedule'),
    cron_expression: z
      .string()
      .optional()
      .describe('Five fields of unix cron: minute, hour, day of month, month, day of week.')
      .meta({ examples: ['0 9 * * *'] }),
    timezone: z
      .string()
      .max(64)
      .optional()
      .describe('IANA time zone of the cron expression. Default: UTC.')
      .meta({ examples: ['Europe/London'] }),
    run_at: z
      .string()
      .optional()
      .describe(
        'Instead of a cron expression: the one time, ISO 8601 with its zone. Behind it the agent stays enabled, so that it can be run by hand.',
      ),
  })
  .check((context) => {
    const { cron_expression, timezone, run_at } = context.value;
    const wrong = (path: string, message: string | undefined) => {
      if (message)
        context.issues.push({ code: 'custom', message, path: [path], input: context.value });
    };
    if ((cron_expression === undefined) === (run_at === undefined)) {
      wrong('cron_expression', 'Give either cron_expression or run_at.');
    } else if (run_at !== undefined) {
      wrong('run_at', runAtProblem(run_at));
      const says = 'Only a cron_expression has a time zone: run_at says its own. Remove it.';
      if (timezone !== undefined) wrong('timezone', says);
    } else {
      wrong('timezone', timezoneProblem(timezone ?? 'UTC'));
      wrong('cron_expression', cronProblem(cron_expression ?? ''));
    }
  });

/** What starts an agent. */
export const TriggerConfig = z
  .discriminatedUnion('type', [
    WebhookTrigger,
    ScheduleTrigger,
    z.strictObject({ type: z.literal('manual') }),
  ])
  .describe('What starts the agent.');
export type TriggerConfig = z.infer<typeof TriggerConfig>;

/** How often and how fast a step is tried again when trying again may help. */
export const RetryPolicy = z.strictObject({
  max_attempts: z.int().min(1).max(10).default(3).describe('Attempts in all; 1 means no retry.'),
  initial_delay_seconds: z
    .number()
    .min(0)
    .max(3_600)
    .default(2)
    .describe('Longest wait before the second attempt.'),
  backoff_rate: z
    .number()
    .min(1)
    .max(10)
    .default(2)
    .describe('How much longer each further wait may be.'),
  max_delay_seconds: z.number().min(1).max(86_400).default(300).describe('Longest wait of all.'),
});
export type RetryPolicy = z.infer<typeof RetryPolicy>;

/** One action of an agent, as its owner writes it. */
export const ActionStep = z.strictObject({
  id: z
    .string()
    .regex(
      /^[a-z][a-z0-9_-]{0,39}$/,
      'Use a lower-case letter, then up to 39 of a-z, 0-9, _ and -.',
    )
    .optional()
    .describe('Name for later steps to refer to: {{steps.<id>.output}}. Default: step_<place>.'),
  name: z.string().trim().min(1).max(100).optional().describe('Shown to people.'),
  type: z
    .string()
    .min(1)
    .max(40)
    .describe('Which action this is; GET /api/agents/catalog lists them.'),
  config: z.record(z.string(), z.unknown()).describe('The settings of this action type.'),
  timeout_seconds: z
    .int()
    .min(1)
    .max(600)
    .default(120)
    .describe('Seconds after which one attempt is ended.'),
  retry: RetryPolicy.optional().describe("Replaces the agent's settings.retry for this step."),
  on_error: z
    .enum(['fail', 'continue'])
    .default('fail')
    .describe('Whether the run ends or goes on when this step has failed for good.'),
  when: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      'A condition: the step is skipped when it does not hold. {"left":"{{…}}","op":"equals","right":…}, or all, any or not of such.',
    ),
  approval_required: z
    .boolean()
    .optional()
    .describe('Whether a person must approve first; the same as an approval step before it.'),
});
export type ActionStep = z.infer<typeof ActionStep> & { id: string };

/** How an agent's runs are treated. */
export const AgentSettings = z.strictObject({
  max_run_seconds: z
    .int()
    .min(1)
    .max(86_400)
    .default(900)
    .describe('Seconds of work after which a run is ended; waiting does not count.'),
  max_concurrent_runs: z
    .int()
    .min(1)
    .max(100)
    .nullable()
    .default(null)
    .describe('Runs of this agent that are executed at once; null means as many as the plan has.'),
  retry: RetryPolicy.prefault({}).describe('When and how often a step is tried again.'),
  webhook_rate_per_minute: z
    .int()
    .min(1)
    .max(60_000)
    .default(100)
    .describe('Webhook calls that are accepted in a minute; further ones get 429.'),
  catch_up: z
    .enum(['latest', 'all', 'none'])
    .default('latest')
    .describe(
      'Which scheduled times run that passed while nothing could run: at most a day old with all.',
    ),
  dedupe_window_seconds: z
    .int()
    .min(60)
    .max(604_800)
    .default(86_400)
    .describe('For how long a repeated Idempotency-Key means the same run.'),
  log_retention_days: z
    .int()
    .min(1)
    .max(365)
    .default(90)
    .describe('Days for which a finished run and its log are kept.'),
  alert: AlertSettings.prefault({}).describe('Whom the agent tells of trouble, and when.'),
});
export type AgentSettings = z.infer<typeof AgentSettings>;

const definition = {
  name: z.string().trim().min(1).max(100).describe('Shown to people; need not be unique.'),
  description: z.string().max(2_000).describe('What the agent is for.'),
  enabled: z.boolean().describe('Whether triggers start runs.'),
  trigger_config: TriggerConfig,
  actions: z
    .array(ActionStep)
    .min(1, 'An agent needs at least one action.')
    .max(MAX_STEPS, `An agent has at most ${MAX_STEPS} actions.`)
    .describe('Run one after the other.'),
};

/** Body of `POST /api/agents`. */
export const CreateAgent = z.strictObject({
  ...definition,
  description: definition.description.default(''),
  enabled: definition.enabled.default(true),
  settings: AgentSettings.prefault({}),
});
export type CreateAgent = z.infer<typeof CreateAgent>;

/** Body of `PATCH /api/agents/{id}`: each field that is there replaces the stored one whole. */
export const PatchAgent = z
  .strictObject({ ...definition, settings: AgentSettings })
  .partial()
  .refine((body) => Object.keys(body).length > 0, 'Give at least one field to change.');
export type PatchAgent = z.infer<typeof PatchAgent>;

/** A webhook secret as we keep it: a digest, or encrypted where signatures need the key itself. */
export type StoredSecret = {
  /** Its last four characters, so that an owner can tell which one it is. */
  readonly last4: string;
  /** After a rotation: until when the old one counts, epoch milliseconds. */
  readonly expiresAt?: number;
} & (
  | { readonly kind: 'digest'; readonly sha256: string }
  | { readonly kind: 'sealed'; readonly sealed: string }
);

/** What starts an agent, as it is stored. */
export type StoredTrigger =
  | {
      readonly type: 'webhook';
      readonly auth: WebhookScheme;
      /** The newest first. */
      readonly secrets: readonly StoredSecret[];
    }
  | {
      readonly type: 'schedule';
      readonly cronExpression: string;
      readonly timezone: string;
      readonly runAt?: undefined;
    }
  /** ISO 8601 */
  | { readonly type: 'schedule'; readonly runAt: string }
  | { readonly type: 'manual' };

/** The part of an agent that a run executes. */
export type AgentVersion = {
  readonly version: number;
  readonly name: string;
  readonly description: string;
  readonly trigger: StoredTrigger;
  readonly actions: readonly ActionStep[];
  readonly settings: AgentSettings;
  /** Credits that a run reserves before it starts. */
  readonly mostCredits: number;
  /** ISO 8601 */
  readonly createdAt: string;
};

/** An agent as it is stored. Times are ISO 8601. */
export type Agent = AgentVersion & {
  readonly id: string;
  readonly userId: string;
  readonly enabled: boolean;
  /** Counts every change; guards against lost updates. `version` counts those of the definition. */
  readonly revision: number;
  readonly agentCreatedAt: string;
  readonly updatedAt: string;
};

/** What webhook ingress needs to know about an agent. */
export type WebhookDoor = {
  readonly userId: string;
  readonly agentId: string;
  readonly version: number;
  readonly enabled: boolean;
  readonly auth: WebhookScheme;
  readonly secrets: readonly StoredSecret[];
  readonly ratePerMinute: number;
  readonly dedupeWindowSeconds: number;
  readonly retentionDays: number;
  readonly mostCredits: number;
};
