import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';
import { address, onSchedule, SAMPLE_SLACK, schedule, slackWebhook } from '#templates/parameters';

export const statusPageChecker = defineTemplate({
  slug: 'status-page-checker',
  name: 'Status page checker',
  summary: 'Checks an address on a schedule and tells Slack when it does not answer as it should.',
  description:
    'Calls a page or health endpoint every hour, tries again when it fails, and posts to Slack with the reason when it still does. Needs an incoming webhook of your Slack workspace.',
  category: 'Monitoring',
  parameters: z.strictObject({
    url: address(
      'Page to check',
      'The page or health endpoint to check.',
      'https://www.example.com/health',
    ),
    slack_webhook_url: slackWebhook,
    ...schedule('0 * * * *'),
  }),
  sample: {
    parameters: { url: 'https://www.example.com/down', slack_webhook_url: SAMPLE_SLACK },
  },
  agent: ({ url, slack_webhook_url, ...when }) => ({
    trigger_config: onSchedule(when),
    actions: [
      {
        id: 'check',
        name: 'Call the page',
        type: 'http',
        config: { method: 'GET', url },
        timeout_seconds: 20,
        retry: { max_attempts: 3, initial_delay_seconds: 1 },
        on_error: 'continue',
      },
      {
        id: 'tell',
        name: 'Tell Slack that it is down',
        type: 'slack',
        when: { left: '{{steps.check.status}}', op: 'equals', right: 'failed' },
        config: {
          webhook_url: slack_webhook_url,
          text: `:red_circle: ${url} does not answer as it should: {{steps.check.error.message | truncate: 300}}`,
        },
      },
    ],
  }),
});
