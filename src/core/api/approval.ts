import * as z from 'zod';
import { Moment, pageOf } from '#core/api/shared';
import { comings } from '#core/approvals/approval';

const DecisionView = z
  .strictObject({
    outcome: z
      .enum(['approved', 'rejected', 'withdrawn'])
      .describe('withdrawn: the run ended before anybody decided.'),
    by: z
      .string()
      .nullable()
      .describe('owner, or the e-mail address of the approver; null when nobody decided.'),
    via: z
      .enum(['link', 'api', 'timeout', 'run_ended'])
      .describe('The mailed link, the API or the dashboard, or the end of the time or of the run.'),
    at: Moment,
    comment: z.string().nullable(),
  })
  .meta({ id: 'Decision' });
export type DecisionView = z.infer<typeof DecisionView>;

const shown = {
  agent_name: z.string(),
  status: z.enum(['waiting', 'approved', 'rejected', 'withdrawn']),
  message: z.string().describe('What the approver is asked.'),
  preview: z
    .array(
      z.strictObject({
        id: z.string(),
        type: z.string(),
        name: z.string().nullable(),
        comes: z
          .enum(comings)
          .describe(
            'next_item, after_loop: the approval is the last step for an item of a loop, and this comes for the next item, or after the loop. A no does not refuse it, and after_loop is not bound to a version of a connection.',
          ),
        resolved: z
          .boolean()
          .describe('Whether exactly this will be done; else it still has placeholders.'),
        config: z.json().describe('The settings of the action; secrets are masked.'),
        connections: z
          .array(z.strictObject({ id: z.string(), name: z.string(), version: z.int() }))
          .describe('What it uses. Once one is changed, the action needs another approval.'),
      }),
    )
    .describe('What will happen next when it is approved.'),
  requested_at: Moment,
  expires_at: Moment,
  on_timeout: z.enum(['approve', 'reject']).describe('What no decision in time counts as.'),
  decision: DecisionView.nullable(),
};

/** An approval as the holder of a mailed link sees it. */
export const LinkedApprovalView = z
  .strictObject({
    ...shown,
    deciding_as: z.string().describe('owner, or the e-mail address that the link was sent to.'),
  })
  .meta({ id: 'LinkedApproval' });
export type LinkedApprovalView = z.infer<typeof LinkedApprovalView>;

/** An approval as somebody sees it who is signed in. */
export const ApprovalView = z
  .strictObject({
    run_id: z.string(),
    agent_id: z.string(),
    step_id: z.string(),
    step_path: z.string(),
    approvers: z
      .array(z.string())
      .describe('The e-mail addresses of those who decide; empty means the owner.'),
    ...shown,
  })
  .meta({ id: 'Approval' });
export type ApprovalView = z.infer<typeof ApprovalView>;

/** A page of what waits for the caller. */
export const ApprovalPage = pageOf(ApprovalView);

/** Longest comment, in characters. */
const MAX_COMMENT = 2_000;

/** Body of `approve` and `reject`. */
export const DecisionComment = z
  .strictObject({
    comment: z.string().trim().max(MAX_COMMENT).optional().describe('Kept with the decision.'),
  })
  .prefault({});

/** Body of `POST /api/approvals`. */
export const LinkedDecision = z.strictObject({
  decision: z.enum(['approve', 'reject']),
  comment: z.string().trim().max(MAX_COMMENT).optional().describe('Kept with the decision.'),
});
