import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';
import { address, onSchedule, SAMPLE_SLACK, schedule, slackWebhook } from '#templates/parameters';

export const uptimeWatch = defineTemplate({
  slug: 'uptime-watch',
  name: 'Uptime and TLS watch',
  summary:
    'Looks at several addresses and their certificates, and tells Slack what fails and what recovers.',
  description:
    'Looks at up to fifty addresses every hour. An error, no answer, and a certificate that is invalid or soon ends are problems; Slack is told of each once, and once more when it is over.',
  category: 'Monitoring',
  parameters: z.strictObject({
    urls: z
      .array(address('Page', 'A page to watch.', 'https://www.example.com'))
      .min(1)
      .max(50)
      .describe('The addresses to watch.')
      .meta({ title: 'Pages to watch' }),
    certificate_days: z
      .int()
      .min(0)
      .max(365)
      .default(14)
      .describe('Days that a certificate must still be valid.')
      .meta({ title: 'Certificate days' }),
    slack_webhook_url: slackWebhook,
    ...schedule('0 * * * *'),
  }),
  sample: {
    parameters: {
      urls: ['https://www.example.com/ok', 'https://www.example.com/down'],
      slack_webhook_url: SAMPLE_SLACK,
    },
  },
  agent: ({ urls, certificate_days, slack_webhook_url, ...when }) => {
    // An address that is refused gives no output: it counts as failing, and the others are looked at.
    const ok = '{{steps.look.output.ok | default: false}}';
    const hasChanged = {
      left: '{{steps.look.output.state_changed | default: false}}',
      op: 'is_true',
    } as const;
    const isFirst = { left: '{{steps.look.output.previous}}', op: 'not_exists' } as const;
    return {
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
                id: 'look',
                type: 'run_agent',
                config: {
                  agent_name: 'Monitor Agent',
                  input: { url: '{{item}}', min_tls_days: certificate_days, watch_changes: false },
                },
                on_error: 'continue',
              },
              {
                id: 'fails',
                type: 'slack',
                when: {
                  all: [{ left: ok, op: 'is_false' }, { any: [hasChanged, isFirst] }],
                },
                config: {
                  webhook_url: slack_webhook_url,
                  text: ":red_circle: {{item}}: {{steps.look.output.problems | join: ' ' | default: 'It cannot be looked at.'}}",
                },
              },
              {
                id: 'recovers',
                type: 'slack',
                when: {
                  all: [{ left: ok, op: 'is_true' }, hasChanged],
                },
                config: {
                  webhook_url: slack_webhook_url,
                  text: ':large_green_circle: {{item}} is well again.',
                },
              },
            ],
          },
        },
      ],
    };
  },
});
