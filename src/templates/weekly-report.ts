import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';
import { address, onSchedule, recipients, SAMPLE_PEOPLE, schedule } from '#templates/parameters';

export const weeklyReport = defineTemplate({
  slug: 'weekly-report',
  name: 'Weekly report',
  summary: 'Mails the figures of your own system every Monday morning.',
  description:
    'Calls an address of yours that answers with JSON, and mails what it says every Monday at eight.',
  category: 'Reporting',
  parameters: z.strictObject({
    url: address(
      'Figures URL',
      'Where the figures are, as JSON.',
      'https://api.example.com/weekly',
    ),
    to: recipients,
    ...schedule('0 8 * * 1'),
  }),
  sample: { parameters: { url: 'https://api.example.com/weekly', to: SAMPLE_PEOPLE } },
  agent: ({ url, to, ...when }) => ({
    trigger_config: onSchedule(when),
    actions: [
      { id: 'fetch', name: 'Fetch the figures', type: 'http', config: { method: 'GET', url } },
      {
        id: 'mail',
        name: 'Mail them',
        type: 'email',
        config: {
          to,
          subject: "Weekly report of {{run.triggered_at | date: 'D MMMM YYYY'}}",
          body: '{{steps.fetch.output.json | json}}',
        },
      },
    ],
  }),
});
