import * as z from 'zod';
import { Moment, pageOf } from '#core/api/shared';
import { runStatuses, stepStatuses } from '#core/runs/run';

const FailureView = z
  .strictObject({
    code: z.string().describe('What kind of failure this is, for programs.'),
    message: z.string().describe('What went wrong and what to change, for people.'),
  })
  .meta({ id: 'Failure' });

/** One line of a run's log. */
export const LogLineView = z
  .strictObject({
    at: Moment,
    level: z.enum(['debug', 'info', 'warn', 'error']),
    step: z.string().nullable().describe('Path of the step; null for the run itself.'),
    message: z.string(),
  })
  .meta({ id: 'LogLine' });
export type LogLineView = z.infer<typeof LogLineView>;

/** A page of a run's log, oldest line first. */
export const LogPage = pageOf(LogLineView);

const summary = {
  id: z.string(),
  agent_id: z.string(),
  user_id: z.string(),
  status: z.enum(runStatuses).describe('The last four are final.'),
  reject_reason: z
    .string()
    .nullable()
    .describe('Why a rejected run was never started; null in any other status.'),
  reject_count: z
    .int()
    .nullable()
    .describe('How many triggers a rejected run stands for; null in any other status.'),
  triggered_by: z.enum(['schedule', 'webhook', 'manual', 'replay']),
  triggered_at: Moment,
  late_by_ms: z
    .int()
    .nullable()
    .describe('How long after its time a schedule started it, when it was late.'),
  started_at: Moment.nullable(),
  finished_at: Moment.nullable(),
  duration_ms: z.int().nullable(),
  error_message: z.string().nullable(),
  error: FailureView.nullable(),
  output_summary: z.string().nullable().describe('One line about the last result.'),
  waiting_for: z
    .strictObject({
      kind: z.enum(['retry', 'delay', 'slot']),
      until: Moment.optional().describe('When a retry or a delay is over.'),
      limit: z.int().optional().describe('How many runs may be executed at once.'),
      place: z
        .int()
        .optional()
        .describe('Its place in the line, from 1; only when one run is read.'),
      estimated_start: Moment.nullable()
        .optional()
        .describe(
          'Roughly when its turn comes, by how long the last runs took; null when that is not known. Only when one run is read.',
        ),
    })
    .nullable()
    .describe('Why nobody works on the run, and until when.'),
  cost_usd: z
    .number()
    .describe('What its steps spent on language models, in US dollars; 0 until it is over.'),
  credits_charged: z.int().describe('What it cost; 0 until it is over.'),
  agent_version: z.int(),
  replay_of: z.string().nullable().describe('The run that this one replays.'),
  replayed_by: z.string().nullable().describe('The newest run that replays this one.'),
};

/** A run as lists show it. */
export const RunView = z.strictObject(summary).meta({ id: 'Run' });
export type RunView = z.infer<typeof RunView>;

/** A page of runs. */
export const RunPage = pageOf(RunView);

const OmittedView = z
  .array(
    z.strictObject({
      field: z.enum(['trigger', 'input', 'output']),
      bytes: z.int().describe('Size of its JSON.'),
    }),
  )
  .optional()
  .describe('What is null here only because the answer would be too large; the export has it.');

/** One step of a run. */
export const StepView = z
  .strictObject({
    index: z.int().describe('Place in the list of actions, from 0.'),
    path: z.string().describe('Where the step stands in the definition.'),
    id: z.string(),
    type: z.string(),
    status: z
      .enum([...stepStatuses, 'cancelled'])
      .describe(
        'skipped: its condition did not hold. running: a branch or loop that has begun. cancelled: the run ended before it did.',
      ),
    attempts: z.int(),
    failures: z
      .array(FailureView.extend({ at: Moment }))
      .describe('The attempts that failed, oldest first.'),
    retry_at: Moment.nullable().describe('When the next attempt is due.'),
    wait_until: Moment.nullable().describe('When a delay is over, or an approval times out.'),
    started_at: Moment,
    finished_at: Moment,
    duration_ms: z.int().nullable(),
    input: z.unknown().describe('The config with every placeholder filled in.'),
    output: z.unknown(),
    error: FailureView.nullable(),
    cost_usd: z.number().describe('What it spent on language models, in US dollars.'),
    omitted: OmittedView,
  })
  .meta({ id: 'Step' });
export type StepView = z.infer<typeof StepView>;

const trigger = z.unknown().describe('What the trigger handed over.');

/** One run with its trigger and its steps. */
export const RunDetail = z
  .strictObject({
    ...summary,
    trigger,
    steps: z
      .array(StepView)
      .describe(
        "Its steps in order. Those inside of a for_each are at GET /api/agents/runs/{run_id}/steps, item by item; the loop's output here has the items' results.",
      ),
    omitted: OmittedView,
  })
  .meta({ id: 'RunDetail' });
export type RunDetail = z.infer<typeof RunDetail>;

/** A run with its trigger, its steps apart. */
export const RunWithTrigger = z.strictObject({ ...summary, trigger, omitted: OmittedView });
export type RunWithTrigger = z.infer<typeof RunWithTrigger>;

/** How a run of one built-in agent ended. */
export const SingleRunView = z.strictObject({
  run_id: z.string(),
  status: z.enum(runStatuses),
  output: z.unknown().describe('What the agent gave; null when it failed.'),
  output_summary: z.string().nullable(),
  error: FailureView.nullable(),
  omitted: OmittedView,
});

/** A run has been cancelled, or will be once the step in flight has ended. */
export const RunCancelled = z.strictObject({
  run_id: z.string(),
  status: z.enum(runStatuses).describe('running until the step in flight has ended.'),
});

/** A page of the steps inside of a run's loops, item by item. */
export const StepPage = pageOf(StepView);

/** A run has been opened. */
export const RunOpened = z.strictObject({ run_id: z.string() });

/** What a webhook answers. */
export const DeliveryAccepted = z.strictObject({
  run_id: z.string(),
  duplicate: z.boolean().describe('Whether this delivery had come before; then it starts nothing.'),
});
