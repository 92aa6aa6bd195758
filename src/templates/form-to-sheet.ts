import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';
import { connection, SAMPLE_CONNECTION, SAMPLE_SLACK, slackWebhook } from '#templates/parameters';

export const formToSheet = defineTemplate({
  slug: 'form-to-sheet',
  name: 'Form to sheet and Slack',
  summary: 'Adds what people write into a form as a row of a Google spreadsheet, and tells Slack.',
  description:
    'A form posts name, email and message to the webhook; each becomes a row of your spreadsheet with the time, and a message in Slack. What people write never becomes a formula. Needs a Google connection that may write to the spreadsheet (share it with the service account), and an incoming webhook of your Slack workspace.',
  category: 'Sales and marketing',
  parameters: z.strictObject({
    connection_id: connection('Your Google connection, a service account or an account of yours.'),
    spreadsheet_id: z
      .string()
      .min(10)
      .max(200)
      .describe("The long part of the spreadsheet's address, between /d/ and /edit.")
      .meta({
        title: 'Spreadsheet ID',
        examples: ['1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms'],
      }),
    sheet: z
      .string()
      .min(1)
      .max(100)
      .regex(/^[^'!]*$/, 'Give the name of the sheet alone.')
      .default('Sheet1')
      .describe('The sheet that rows are added to.')
      .meta({ title: 'Sheet' }),
    slack_webhook_url: slackWebhook,
  }),
  sample: {
    parameters: {
      connection_id: SAMPLE_CONNECTION,
      spreadsheet_id: '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms',
      slack_webhook_url: SAMPLE_SLACK,
    },
    trigger: { name: 'Grace', email: 'grace@example.com', message: '=1+1 is what?' },
  },
  agent: ({ connection_id, spreadsheet_id, sheet, slack_webhook_url }) => ({
    trigger_config: { type: 'webhook' },
    actions: [
      {
        id: 'row',
        name: 'Add a row',
        type: 'google_sheets',
        config: {
          connection_id,
          operation: 'append_row',
          spreadsheet_id,
          range: `'${sheet}'!A:D`,
          values: [
            '{{run.triggered_at}}',
            "{{trigger.body.name | default: ''}}",
            "{{trigger.body.email | default: ''}}",
            "{{trigger.body.message | default: ''}}",
          ],
        },
      },
      {
        id: 'tell',
        name: 'Tell Slack',
        type: 'slack',
        config: {
          webhook_url: slack_webhook_url,
          text: ":memo: {{trigger.body.name | default: 'Somebody'}} <{{trigger.body.email | default: 'no address'}}>: {{trigger.body.message | default: '' | truncate: 500}} (row {{steps.row.output.updated_range}})",
        },
      },
    ],
  }),
});
