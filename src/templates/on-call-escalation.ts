import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';
import {
  address,
  recipients,
  SAMPLE_PEOPLE,
  SAMPLE_SLACK,
  slackWebhook,
} from '#templates/parameters';

export const onCallEscalation = defineTemplate({
  slug: 'on-call-escalation',
  name: 'On-call escalation',
  summary: 'Posts an incident to Slack, waits, and mails the next person while it is still open.',
  description:
    'Your monitoring posts id and title to the webhook. Slack is told at once. After the wait the incident is looked up; unless it is acknowledged or closed by then, the e-mail goes out.',
  category: 'Engineering',
  parameters: z.strictObject({
    slack_webhook_url: slackWebhook,
    incident_url: address(
      'Incident URL',
      'Where the incident is looked up: its id is added to the end. The answer must be JSON with a status.',
      'https://ops.example.com/incidents/',
    ),
    wait_minutes: z
      .number()
      .min(0)
      .max(1_440)
      .default(15)
      .describe('How long to wait.')
      .meta({ title: 'Minutes to wait' }),
    to: recipients.describe('Who is called for help.'),
  }),
  sample: {
    parameters: {
      slack_webhook_url: SAMPLE_SLACK,
      incident_url: 'https://ops.example.com/incidents/',
      wait_minutes: 0.02,
      to: SAMPLE_PEOPLE,
    },
    trigger: { id: 'inc-7', title: 'Checkout is slow' },
  },
  agent: ({ slack_webhook_url, incident_url, wait_minutes, to }) => ({
    trigger_config: { type: 'webhook' },
    actions: [
      {
        id: 'page',
        name: 'Tell Slack',
        type: 'slack',
        config: {
          webhook_url: slack_webhook_url,
          text: ':rotating_light: {{trigger.body.title}} ({{trigger.body.id}})',
        },
      },
      {
        id: 'wait',
        name: 'Give people time',
        type: 'delay',
        config: { seconds: wait_minutes * 60 },
      },
      {
        id: 'look',
        name: 'Look it up',
        type: 'http',
        config: { method: 'GET', url: `${incident_url}{{trigger.body.id | url_encode}}` },
      },
      {
        id: 'escalate',
        name: 'Mail the next person',
        type: 'email',
        when: {
          not: {
            left: '{{steps.look.output.json.status}}',
            op: 'in',
            right: ['acknowledged', 'closed'],
          },
        },
        config: {
          to,
          subject: 'Nobody has taken it: {{trigger.body.title}}',
          body: `Incident {{trigger.body.id}} is still {{steps.look.output.json.status}} after ${wait_minutes} minutes.`,
        },
      },
    ],
  }),
});
