import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';
import { address, onSchedule, SAMPLE_SLACK, schedule, slackWebhook } from '#templates/parameters';

export const leadFinder = defineTemplate({
  slug: 'lead-finder',
  name: 'Lead finder',
  summary: 'Looks through a directory or job board for your keyword and tells Slack of each find.',
  description:
    'Reads a page on weekdays, takes the entries that a CSS selector names, keeps those with your keyword, and posts each to Slack.',
  category: 'Sales and marketing',
  parameters: z.strictObject({
    url: address(
      'Page to look through',
      'The page to look through.',
      'https://directory.example.com/new',
    ),
    selector: z
      .string()
      .min(1)
      .max(500)
      .describe('A CSS selector of one entry.')
      .meta({ title: 'Entry selector', examples: ['.company'] }),
    keyword: z
      .string()
      .min(1)
      .max(100)
      .describe('Only entries with this text.')
      .meta({ title: 'Keyword', examples: ['logistics'] }),
    slack_webhook_url: slackWebhook,
    ...schedule('0 8 * * 1-5'),
  }),
  sample: {
    parameters: {
      url: 'https://directory.example.com/page',
      selector: '.lead',
      keyword: 'logistics',
      slack_webhook_url: SAMPLE_SLACK,
    },
  },
  agent: ({ url, selector, keyword, slack_webhook_url, ...when }) => ({
    trigger_config: onSchedule(when),
    actions: [
      {
        id: 'read',
        name: 'Read the page',
        type: 'run_agent',
        config: {
          agent_name: 'Scraping Agent',
          input: { url, fields: { entries: { selector, all: true } } },
        },
      },
      {
        id: 'each',
        name: 'For each entry',
        type: 'for_each',
        config: {
          items: '{{steps.read.output.fields.entries}}',
          actions: [
            {
              id: 'tell',
              type: 'slack',
              when: { left: '{{item}}', op: 'contains', right: keyword },
              config: {
                webhook_url: slack_webhook_url,
                text: `New lead: {{item | truncate: 500}} (${url})`,
              },
            },
          ],
        },
      },
    ],
  }),
});
