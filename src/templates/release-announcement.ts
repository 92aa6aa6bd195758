import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';
import { SAMPLE_SLACK, slackWebhook } from '#templates/parameters';

export const releaseAnnouncement = defineTemplate({
  slug: 'release-announcement',
  name: 'Release announcement',
  summary: 'Posts each release that you publish on GitHub to Slack.',
  description:
    'Add the webhook to a repository for the event "Releases", with content type application/json and the secret that is shown when the agent is made. Deliveries are signed; only published releases are posted.',
  category: 'Engineering',
  parameters: z.strictObject({ slack_webhook_url: slackWebhook }),
  sample: {
    parameters: { slack_webhook_url: SAMPLE_SLACK },
    trigger: {
      action: 'published',
      repository: { full_name: 'acme/rockets' },
      release: {
        tag_name: 'v2.1.0',
        name: 'Faster',
        html_url: 'https://github.com/acme/rockets/releases/v2.1.0',
        body: 'Starts twice as fast.',
      },
    },
  },
  agent: ({ slack_webhook_url }) => ({
    trigger_config: { type: 'webhook', auth: 'github' },
    actions: [
      {
        id: 'post',
        name: 'Post to Slack',
        type: 'slack',
        when: { left: '{{trigger.body.action}}', op: 'equals', right: 'published' },
        config: {
          webhook_url: slack_webhook_url,
          text: "*{{trigger.body.repository.full_name}} {{trigger.body.release.tag_name}}* {{trigger.body.release.name | default: ''}}\n{{trigger.body.release.body | default: '' | truncate: 600}}\n{{trigger.body.release.html_url}}",
        },
      },
    ],
  }),
});
