import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';
import { SAMPLE_SLACK, slackWebhook } from '#templates/parameters';

export const failedPayment = defineTemplate({
  slug: 'failed-payment',
  name: 'Failed payment follow-up',
  summary: 'Writes to a customer whose payment failed, and tells Slack when much is at stake.',
  description:
    'Your billing posts email, amount and currency to the webhook when a payment fails. The customer gets a friendly e-mail with a link; from the given amount on your team is told, too.',
  category: 'Finance',
  parameters: z.strictObject({
    payment_link: z
      .url()
      .max(2_048)
      .describe('Where customers update their payment details.')
      .meta({ title: 'Payment page', examples: ['https://example.com/billing'] }),
    slack_webhook_url: slackWebhook,
    large_amount: z
      .number()
      .min(0)
      .default(500)
      .describe('From this amount on Slack is told.')
      .meta({ title: 'Large amount' }),
  }),
  sample: {
    parameters: {
      payment_link: 'https://example.com/billing',
      slack_webhook_url: SAMPLE_SLACK,
      large_amount: 100,
    },
    trigger: { email: 'grace@example.com', amount: 240, currency: 'EUR' },
  },
  agent: ({ payment_link, slack_webhook_url, large_amount }) => ({
    trigger_config: { type: 'webhook' },
    actions: [
      {
        id: 'write',
        name: 'Write to the customer',
        type: 'email',
        config: {
          to: ['{{trigger.body.email}}'],
          subject: 'Your payment did not go through',
          body: `Your payment of {{trigger.body.amount}} {{trigger.body.currency | upper}} did not go through. Nothing is lost: please check your payment details at ${payment_link}`,
        },
      },
      {
        id: 'weigh',
        name: 'Is it a large one?',
        type: 'branch',
        config: {
          branches: [
            {
              when: {
                not: { left: '{{trigger.body.amount}}', op: 'less_than', right: large_amount },
              },
              actions: [
                {
                  id: 'tell',
                  name: 'Tell the team',
                  type: 'slack',
                  config: {
                    webhook_url: slack_webhook_url,
                    text: 'A payment of {{trigger.body.amount}} {{trigger.body.currency | upper}} by {{trigger.body.email}} failed.',
                  },
                },
              ],
            },
          ],
        },
      },
    ],
  }),
});
