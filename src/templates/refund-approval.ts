import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';
import { address, approvers, decidedBy, SAMPLE_SLACK, slackWebhook } from '#templates/parameters';

export const refundApproval = defineTemplate({
  slug: 'refund-approval',
  name: 'Refund approval',
  summary: 'Nobody refunds alone: a request waits for a second person, then the refund is made.',
  description:
    'Your support tool posts order, amount and reason to the webhook. Somebody approves or rejects it; an approved refund is sent to your payment system with a key that keeps it from being made twice, and Slack is told.',
  category: 'Finance',
  parameters: z.strictObject({
    refund_url: address('Refund URL', 'Where refunds are made.', 'https://pay.example.com/refunds'),
    slack_webhook_url: slackWebhook,
    approvers,
    hours: z
      .int()
      .min(1)
      .max(720)
      .default(48)
      .describe('After so many hours it counts as rejected.')
      .meta({ title: 'Hours to decide' }),
  }),
  sample: {
    parameters: {
      refund_url: 'https://pay.example.com/refunds',
      slack_webhook_url: SAMPLE_SLACK,
      hours: 24,
    },
    trigger: { order: 'A-1001', amount: 49.9, reason: 'Arrived broken' },
  },
  agent: ({ refund_url, slack_webhook_url, approvers: people, hours }) => ({
    trigger_config: { type: 'webhook' },
    actions: [
      {
        id: 'ask',
        name: 'Ask a second person',
        type: 'approval',
        config: {
          message:
            'Refund {{trigger.body.amount}} for order {{trigger.body.order}}? Reason: {{trigger.body.reason}}',
          timeout_seconds: hours * 3_600,
          ...decidedBy(people),
        },
      },
      {
        id: 'refund',
        name: 'Make the refund',
        type: 'http',
        config: {
          method: 'POST',
          url: refund_url,
          body: { order: '{{trigger.body.order}}', amount: '{{trigger.body.amount}}' },
        },
      },
      {
        id: 'tell',
        name: 'Tell Slack',
        type: 'slack',
        config: {
          webhook_url: slack_webhook_url,
          text: 'Refunded {{trigger.body.amount}} for order {{trigger.body.order}}, approved by {{steps.ask.output.decided_by}}.',
        },
      },
    ],
  }),
});
