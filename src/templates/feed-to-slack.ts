import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';
import { address, onSchedule, SAMPLE_SLACK, schedule, slackWebhook } from '#templates/parameters';

export const feedToSlack = defineTemplate({
  slug: 'feed-to-slack',
  name: 'RSS to Slack',
  summary: 'Posts the headlines of an RSS or Atom feed to Slack in the morning.',
  description:
    'Reads a feed on weekdays and posts its headlines to Slack, the newest first, unless the feed is the same as the last time. Needs an incoming webhook of your Slack workspace.',
  category: 'Content',
  parameters: z.strictObject({
    url: address('Feed URL', 'The feed.', 'https://blog.example.com/feed.xml'),
    slack_webhook_url: slackWebhook,
    ...schedule('0 8 * * 1-5'),
  }),
  sample: {
    parameters: { url: 'https://blog.example.com/feed.xml', slack_webhook_url: SAMPLE_SLACK },
  },
  agent: ({ url, slack_webhook_url, ...when }) => {
    // Null at the first time, when there is nothing to compare.
    const isNew = {
      left: '{{steps.look.output.changed | default: true}}',
      op: 'is_true',
    } as const;
    return {
      trigger_config: onSchedule(when),
      actions: [
        {
          id: 'look',
          name: 'Look for something new',
          type: 'run_agent',
          config: { agent_name: 'Monitor Agent', input: { url } },
        },
        {
          id: 'read',
          name: 'Read the headlines',
          type: 'run_agent',
          when: isNew,
          config: {
            agent_name: 'Scraping Agent',
            input: {
              url,
              fields: { titles: { selector: 'item > title, entry > title', all: true } },
            },
          },
        },
        {
          id: 'tell',
          name: 'Post to Slack',
          type: 'slack',
          when: isNew,
          config: {
            webhook_url: slack_webhook_url,
            text: `:newspaper: New in ${url}\n• {{steps.read.output.fields.titles | join: "\\n• " | replace: "<![CDATA[", "" | replace: "]]>", "" | truncate: 1500}}`,
          },
        },
      ],
    };
  },
});
