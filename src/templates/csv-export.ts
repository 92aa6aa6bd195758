import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';
import { address, onSchedule, recipients, SAMPLE_PEOPLE, schedule } from '#templates/parameters';

export const csvExport = defineTemplate({
  slug: 'csv-export',
  name: 'CSV export',
  summary: 'Makes a spreadsheet of the data of your own system every week, and mails the link.',
  description:
    'Calls an address of yours that answers with a list as JSON, writes the list into a CSV or Excel file with a column for each field, and mails a link to it every Monday. The link works for twelve hours.',
  category: 'Reporting',
  parameters: z.strictObject({
    url: address('List URL', 'Where the list is, as JSON.', 'https://api.example.com/orders'),
    format: z
      .enum(['csv', 'xlsx'])
      .default('csv')
      .describe('The kind of file.')
      .meta({ title: 'File format' }),
    to: recipients,
    ...schedule('0 7 * * 1'),
  }),
  sample: { parameters: { url: 'https://api.example.com/orders', to: SAMPLE_PEOPLE } },
  agent: ({ url, format, to, ...when }) => ({
    trigger_config: onSchedule(when),
    actions: [
      { id: 'fetch', name: 'Fetch the list', type: 'http', config: { method: 'GET', url } },
      {
        id: 'write',
        name: 'Write the file',
        type: 'run_agent',
        config: {
          agent_name: 'Export Agent',
          input: {
            data: '{{steps.fetch.output.json}}',
            format,
            name: "export-{{run.triggered_at | date: 'YYYY-MM-DD'}}",
            link_minutes: 720,
          },
        },
      },
      {
        id: 'mail',
        name: 'Mail the link',
        type: 'email',
        config: {
          to,
          subject: '{{steps.write.output.name}} with {{steps.write.output.rows}} rows',
          body: `[{{steps.write.output.name}}]({{steps.write.output.url}}) has {{steps.write.output.rows}} rows of ${url}.`,
        },
      },
    ],
  }),
});
