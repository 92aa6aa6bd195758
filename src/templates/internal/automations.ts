import type { SystemAutomation } from '#core/system';

/** Whom the automations tell; empty: nobody, what they find is kept all the same. */
export type Operators = { readonly email: string; readonly slackWebhook: string };

/** The automations that the product runs on itself. */
export function systemAutomations(operators: Operators): readonly SystemAutomation[] {
  const mail = (subject: string, body: string) =>
    operators.email === ''
      ? []
      : [
          {
            id: 'mail',
            name: 'Mail the operators',
            type: 'email',
            config: { to: [operators.email], subject, body },
          },
        ];
  return [
    {
      slug: 'daily-health-digest',
      agent: {
        name: 'Daily health digest',
        description: 'Counts the last day over all accounts, writes a digest and mails it.',
        trigger_config: { type: 'schedule', cron_expression: '0 9 * * *', timezone: 'UTC' },
        actions: [
          { id: 'figures', name: 'Count', type: 'product_figures', config: { hours: 24 } },
          {
            id: 'write',
            name: 'Write the digest',
            type: 'run_agent',
            config: {
              agent_name: 'Content Agent',
              prompt: 'Write a short digest for the people who run this product.',
              input: { text: '{{steps.figures.output.text}}', max_words: 120 },
            },
          },
          {
            id: 'keep',
            name: 'Keep it',
            type: 'keep_record',
            config: {
              collection: 'reports',
              data: { kind: 'digest', text: '{{steps.write.output.text}}' },
            },
          },
          ...mail(
            'Daily health digest',
            '{{steps.write.output.text}}\n\nThe figures that this was written from:\n\n{{steps.figures.output.text}}',
          ),
        ],
      },
    },
    {
      slug: 'deployment-check',
      agent: {
        name: 'Deployment check',
        description: 'Asks whether table, queue and engine work, and tells Slack when they do not.',
        trigger_config: { type: 'schedule', cron_expression: '0 */6 * * *', timezone: 'UTC' },
        actions: [
          {
            id: 'check',
            name: 'Ask for the health',
            type: 'own_request',
            config: { path: '/api/health?deep=1' },
            on_error: 'continue',
          },
          {
            id: 'keep',
            name: 'Keep the answer',
            type: 'keep_record',
            config: { collection: 'checks', data: { status: '{{steps.check.status}}' } },
          },
          ...(operators.slackWebhook === ''
            ? []
            : [
                {
                  id: 'tell',
                  name: 'Tell Slack that it is down',
                  type: 'slack',
                  when: { left: '{{steps.check.status}}', op: 'equals', right: 'failed' },
                  config: {
                    webhook_url: operators.slackWebhook,
                    text: ":red_circle: The deployment is not healthy: {{steps.check.error.message | default: 'it does not say why'}}",
                  },
                },
              ]),
        ],
      },
    },
    {
      slug: 'lead-sync',
      agent: {
        name: 'Lead sync',
        description: 'Takes leads at its webhook and keeps them where GET /api/agents/leads reads.',
        trigger_config: { type: 'webhook' },
        actions: [
          {
            id: 'keep',
            name: 'Keep the lead',
            type: 'keep_record',
            config: {
              collection: 'leads',
              data: {
                email: '{{trigger.body.email}}',
                name: "{{trigger.body.name | default: ''}}",
                source: "{{trigger.body.source | default: 'webhook'}}",
              },
            },
          },
        ],
      },
    },
    {
      slug: 'content-refresh',
      agent: {
        name: 'Content refresh',
        description:
          "Reads the product's own page of what it can do and its templates, and keeps a fresh summary.",
        trigger_config: { type: 'schedule', cron_expression: '30 5 * * *', timezone: 'UTC' },
        actions: [
          {
            id: 'scrape',
            name: 'Read the page',
            type: 'own_page',
            config: { path: '/docs/api', max_characters: 20_000 },
          },
          {
            id: 'read',
            name: 'Read the templates',
            type: 'own_request',
            config: { path: '/api/agents/templates' },
          },
          {
            id: 'write',
            name: 'Write a summary',
            type: 'run_agent',
            config: {
              agent_name: 'Content Agent',
              prompt: 'Say in a paragraph what this product is and what people can do with it.',
              // The introduction: below it are lists of fields.
              input: { text: '{{steps.scrape.output.markdown | truncate: 900}}', max_words: 80 },
            },
          },
          {
            id: 'keep',
            name: 'Keep it',
            type: 'keep_record',
            config: {
              collection: 'content',
              data: {
                page: '{{steps.scrape.output.title}}',
                links: '{{steps.scrape.output.links | length}}',
                text: '{{steps.write.output.text}}',
                templates: '{{steps.read.output.json.items | length}}',
              },
            },
          },
        ],
      },
    },
    {
      slug: 'error-report',
      agent: {
        name: 'Error report',
        description: 'Counts the failed runs of the last day by their reason, and mails them.',
        trigger_config: { type: 'schedule', cron_expression: '0 7 * * *', timezone: 'UTC' },
        actions: [
          { id: 'figures', name: 'Count', type: 'product_figures', config: { hours: 24 } },
          {
            id: 'keep',
            name: 'Keep the report',
            type: 'keep_record',
            config: {
              collection: 'reports',
              data: { kind: 'errors', failures: '{{steps.figures.output.failures}}' },
            },
          },
          ...mail('Failed runs of the last day', '{{steps.figures.output.text}}'),
        ],
      },
    },
  ];
}
