import * as z from 'zod';
import { ActionStep, MAX_STEPS } from '#core/agents/agent';

/** Longest wait, in seconds, and the most that all waits of a run may take together. */
export const LONGEST_WAIT_SECONDS = 360 * 86_400;

/** Most items of a loop, and how many are taken unless the step says otherwise. */
export const MAX_LOOP_ITEMS = 10_000;
const USUAL_LOOP_ITEMS = 1_000;

/** Most items of a loop that are worked on at once. */
export const MAX_LOOP_CONCURRENCY = 10;

const Steps = z.array(ActionStep).min(1, 'Give at least one action.').max(MAX_STEPS);
const When = z.record(z.string(), z.unknown());

/** Config of an `approval` step. */
export const ApprovalConfig = z.strictObject({
  message: z
    .string()
    .min(1)
    .max(4_000)
    .describe('What the approver is asked; may hold placeholders.')
    .meta({ examples: ['Send the offer to {{trigger.body.email}}?'] }),
  approvers: z
    .array(z.email().max(254))
    .min(1)
    .max(10)
    .optional()
    .describe('E-mail addresses: only these people decide. Left out, the owner does.'),
  timeout_seconds: z
    .int()
    .min(1)
    .max(LONGEST_WAIT_SECONDS)
    .default(604_800)
    .describe('Seconds after which on_timeout decides.'),
  on_timeout: z
    .enum(['reject', 'approve'])
    .default('reject')
    .describe('What counts when nobody decided in time.'),
});
export type ApprovalConfig = z.infer<typeof ApprovalConfig>;

/** Config of a `delay` step. */
export const DelayConfig = z
  .strictObject({
    seconds: z
      .number()
      .min(0)
      .max(LONGEST_WAIT_SECONDS)
      .optional()
      .describe('How long to wait.')
      .meta({ examples: [3_600] }),
    until: z.iso
      .datetime({ offset: true })
      .optional()
      .describe('Instead of seconds: the time to wait for, ISO 8601 with its zone.')
      .meta({ examples: ['{{trigger.body.start}}'] }),
  })
  .refine(({ seconds, until }) => (seconds === undefined) !== (until === undefined), {
    message: 'Give either seconds or until.',
  });

/** Config of a `branch` step. */
export const BranchConfig = z.strictObject({
  branches: z
    .array(
      z.strictObject({
        when: When.describe('The condition under which this branch is taken.'),
        actions: Steps.describe('What runs then, one after the other.'),
      }),
    )
    .min(1)
    .max(20)
    .describe('The first branch whose condition holds is taken, and no other.'),
  otherwise: Steps.optional().describe('What runs when no condition holds.'),
});
export type BranchConfig = z.infer<typeof BranchConfig>;

/** Config of a `for_each` step. */
export const ForEachConfig = z.strictObject({
  items: z
    .union([z.string().min(1), z.array(z.unknown())], 'Give a placeholder for a list, or a list.')
    .describe('A placeholder that gives a list, or the list itself.')
    .meta({ examples: ['{{trigger.body.leads}}'] }),
  actions: Steps.describe('What runs for each item, which is {{item}}; {{index}} counts from 0.'),
  concurrency: z
    .int()
    .min(1)
    .max(MAX_LOOP_CONCURRENCY)
    .default(1)
    .describe('Items worked on at once; above 1 the actions may hold no approval and no delay.'),
  max_items: z
    .int()
    .min(1)
    .max(MAX_LOOP_ITEMS)
    .default(USUAL_LOOP_ITEMS)
    .describe('A longer list fails the step before its first item.'),
});
export type ForEachConfig = z.infer<typeof ForEachConfig>;

/** A kind of step that decides what runs and when, and reaches nothing outside. */
export type ControlStep = {
  readonly type: ControlType;
  readonly title: string;
  readonly description: string;
  readonly config: z.ZodType;
  readonly output: z.ZodType;
  readonly idempotency: string;
};

/** The types of control steps. */
export const controlTypes = ['approval', 'delay', 'branch', 'for_each'] as const;
/** One of {@link controlTypes}. */
export type ControlType = (typeof controlTypes)[number];

/** Whether a step of this type controls the run, rather than acts. */
export function isControl(type: string): type is ControlType {
  return (controlTypes as readonly string[]).includes(type);
}

/** Every control step with its schemas, for the catalogue. */
export const controlSteps: readonly ControlStep[] = [
  {
    type: 'approval',
    title: 'Approval',
    description: 'Waits until a person approves; a rejection ends the run as cancelled.',
    config: ApprovalConfig,
    output: z.strictObject({
      decision: z.enum(['approved', 'rejected']).describe('What was decided.'),
      decided_by: z.string().describe('Who decided; timeout when nobody did.'),
      decided_at: z.iso.datetime().describe('When, ISO 8601.'),
      comment: z.string().nullable().describe('What was said with it; null when nothing was.'),
    }),
    idempotency: 'The first decision counts.',
  },
  {
    type: 'delay',
    title: 'Delay',
    description: 'Waits for a while or until a time, at no cost.',
    config: DelayConfig,
    output: z.strictObject({ until: z.iso.datetime().describe('When the wait was over.') }),
    idempotency: 'A wait that was begun keeps its end.',
  },
  {
    type: 'branch',
    title: 'Branch',
    description: 'Runs the actions of the first branch whose condition holds.',
    config: BranchConfig,
    output: z.strictObject({
      branch: z
        .union([z.int(), z.literal('otherwise')])
        .nullable()
        .describe('Which was taken; null for none.'),
      result: z.unknown().describe('Output of its last step that ran.'),
    }),
    idempotency: 'A branch that was taken stays taken.',
  },
  {
    type: 'for_each',
    title: 'For each',
    description: 'Runs its actions once for each item of a list.',
    config: ForEachConfig,
    output: z
      .array(z.unknown())
      .describe("The last output for each item, in the items' order; null where nothing ran."),
    idempotency: 'Items that are done are not done again.',
  },
];

const byType: ReadonlyMap<string, ControlStep> = new Map(
  controlSteps.map((control) => [control.type, control]),
);

/** The control step of a type. */
export function findControl(type: string): ControlStep | undefined {
  return byType.get(type);
}
