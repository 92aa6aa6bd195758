import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';
import { SAMPLE_SLACK, slackWebhook } from '#templates/parameters';

export const githubIssueTriage = defineTemplate({
  slug: 'github-issue-triage',
  name: 'GitHub issue triage',
  summary: 'Sorts each new issue into bug, feature or question, and tells Slack.',
  description:
    'Add the webhook to a repository for the event "Issues", with content type application/json and the secret that is shown when the agent is made. A built-in agent reads each new issue and says what it is and why.',
  category: 'Engineering',
  parameters: z.strictObject({ slack_webhook_url: slackWebhook }),
  sample: {
    parameters: { slack_webhook_url: SAMPLE_SLACK },
    trigger: {
      action: 'opened',
      repository: { full_name: 'acme/rockets' },
      issue: {
        number: 12,
        title: 'Crash when the tank is empty',
        body: 'The app crashes with an error as soon as the tank is empty.',
        html_url: 'https://github.com/acme/rockets/issues/12',
      },
    },
  },
  agent: ({ slack_webhook_url }) => ({
    trigger_config: { type: 'webhook', auth: 'github' },
    actions: [
      {
        id: 'sort',
        name: 'Say what it is',
        type: 'run_agent',
        when: { left: '{{trigger.body.action}}', op: 'equals', right: 'opened' },
        config: {
          agent_name: 'Classifier Agent',
          input: {
            text: "{{trigger.body.issue.title}}\n{{trigger.body.issue.body | default: ''}}",
            labels: [
              { name: 'bug', keywords: ['crash', 'error', 'broken', 'fails'] },
              { name: 'feature', keywords: ['add', 'support', 'would be nice', 'feature'] },
              { name: 'question', keywords: ['how', 'why', 'what', 'help'] },
            ],
            fallback: 'question',
          },
        },
      },
      {
        id: 'tell',
        name: 'Tell Slack',
        type: 'slack',
        when: { left: '{{trigger.body.action}}', op: 'equals', right: 'opened' },
        config: {
          webhook_url: slack_webhook_url,
          text: '*{{steps.sort.output.label}}* in {{trigger.body.repository.full_name}}: {{trigger.body.issue.title | truncate: 150}}\n{{trigger.body.issue.html_url}}',
        },
      },
    ],
  }),
});
