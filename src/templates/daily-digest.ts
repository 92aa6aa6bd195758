import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';
import { address, onSchedule, recipients, SAMPLE_PEOPLE, schedule } from '#templates/parameters';

export const dailyDigest = defineTemplate({
  slug: 'daily-digest',
  name: 'Daily digest',
  summary: 'Reads a page every morning and mails you what it says in a few sentences.',
  description:
    'Reads a news page, a changelog or a status page every morning, has it summarised by a built-in agent, and mails the summary with a link.',
  category: 'Reporting',
  parameters: z.strictObject({
    url: address('Page to read', 'The page to read.', 'https://news.example.com'),
    to: recipients,
    ...schedule('0 9 * * *'),
  }),
  sample: { parameters: { url: 'https://news.example.com/page', to: SAMPLE_PEOPLE } },
  agent: ({ url, to, ...when }) => ({
    trigger_config: onSchedule(when),
    actions: [
      {
        id: 'read',
        name: 'Read the page',
        type: 'run_agent',
        config: { agent_name: 'Scraping Agent', input: { url } },
      },
      {
        id: 'sum',
        name: 'Summarise it',
        type: 'run_agent',
        config: {
          agent_name: 'Content Agent',
          prompt: 'Summarise what is new, in a few sentences.',
          input: { text: '{{steps.read.output.markdown}}', max_words: 150 },
        },
      },
      {
        id: 'mail',
        name: 'Mail the digest',
        type: 'email',
        config: {
          to,
          subject: 'Your digest: {{steps.read.output.title | truncate: 80}}',
          body: `{{steps.sum.output.text}}\n\n${url}`,
        },
      },
    ],
  }),
});
