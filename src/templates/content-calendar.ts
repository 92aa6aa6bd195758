import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';
import { address, onSchedule, SAMPLE_SLACK, schedule, slackWebhook } from '#templates/parameters';

export const contentCalendar = defineTemplate({
  slug: 'content-calendar',
  name: 'Content calendar',
  summary: 'Drafts the posts that your calendar plans for today, and puts the drafts into Slack.',
  description:
    'Reads your calendar every morning: a list as JSON whose entries have a date (2027-01-31), a title and notes. A built-in agent drafts what is planned for today from its notes, and each draft goes to Slack for somebody to publish.',
  category: 'Content',
  parameters: z.strictObject({
    url: address(
      'Calendar URL',
      'Where the calendar is, as JSON.',
      'https://content.example.com/calendar.json',
    ),
    slack_webhook_url: slackWebhook,
    ...schedule('0 8 * * *'),
  }),
  sample: {
    parameters: {
      url: 'https://content.example.com/calendar.json',
      slack_webhook_url: SAMPLE_SLACK,
    },
  },
  agent: ({ url, slack_webhook_url, ...when }) => {
    const isToday = {
      left: '{{item.date}}',
      op: 'equals',
      right: `{{run.triggered_at | date: 'YYYY-MM-DD', '${when.timezone}'}}`,
    } as const;
    return {
      trigger_config: onSchedule(when),
      actions: [
        { id: 'fetch', name: 'Read the calendar', type: 'http', config: { method: 'GET', url } },
        {
          id: 'each',
          name: 'For each entry',
          type: 'for_each',
          config: {
            items: '{{steps.fetch.output.json}}',
            actions: [
              {
                id: 'draft',
                type: 'run_agent',
                when: isToday,
                config: {
                  agent_name: 'Content Agent',
                  prompt: 'Write a short post with this title from these notes.',
                  input: { text: "{{item.title}}. {{item.notes | default: ''}}", max_words: 120 },
                },
              },
              {
                id: 'tell',
                type: 'slack',
                when: isToday,
                config: {
                  webhook_url: slack_webhook_url,
                  text: ':pencil2: Draft for today: {{steps.draft.output.text}}',
                },
              },
            ],
          },
        },
      ],
    };
  },
});
