import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';
import { address, onSchedule, SAMPLE_SLACK, schedule, slackWebhook } from '#templates/parameters';

export const uptimeWatch = defineTemplate({
  slug: 'uptime-watch',
  name: 'Uptime and TLS watch',
  summary:
    'Checks several addresses, certificates included, and tells Slack about each that fails.',
  description:
    'Calls up to fifty addresses, several at once. An answer of 400 and above, a certificate that is invalid or has expired, and a time-out count as failures; each is posted to Slack with its reason.',
  category: 'Monitoring',
  parameters: z.strictObject({
    urls: z
      .array(address('A page to watch.', 'https://www.example.com'))
      .min(1)
      .max(50)
      .describe('The addresses to watch.'),
    slack_webhook_url: slackWebhook,
    ...schedule('*/15 * * * *'),
  }),
  sample: {
    parameters: {
      urls: ['https://www.example.com/ok', 'https://www.example.com/down'],
      slack_webhook_url: SAMPLE_SLACK,
    },
  },
  agent: ({ urls, slack_webhook_url, ...when }) => ({
    trigger_config: onSchedule(when),
    actions: [
      {
        id: 'each',
        name: 'For each address',
        type: 'for_each',
        config: {
          items: urls,
          concurrency: 5,
          actions: [
            {
              id: 'check',
              type: 'http',
              config: { method: 'GET', url: '{{item}}' },
              timeout_seconds: 20,
              retry: { max_attempts: 2, initial_delay_seconds: 1 },
              on_error: 'continue',
            },
            {
              id: 'tell',
              type: 'slack',
              when: { left: '{{steps.check.status}}', op: 'equals', right: 'failed' },
              config: {
                webhook_url: slack_webhook_url,
                text: ':red_circle: {{item}}: {{steps.check.error.message | truncate: 300}}',
              },
            },
          ],
        },
      },
    ],
  }),
});
