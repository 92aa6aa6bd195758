import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';
import { recipients, SAMPLE_PEOPLE } from '#templates/parameters';

export const inboxSummarizer = defineTemplate({
  slug: 'inbox-summarizer',
  name: 'Inbox summarizer',
  summary: 'Boils long messages down to a few sentences and mails them on.',
  description:
    'Forward messages to the webhook from your mail provider, as subject, from and text. A built-in agent summarises each, and you get the summary with who wrote it.',
  category: 'Support',
  parameters: z.strictObject({ to: recipients }),
  sample: {
    parameters: { to: SAMPLE_PEOPLE },
    trigger: {
      from: 'grace@example.com',
      subject: 'Our move to the new office',
      text: 'We move to the new office in March. The lease is signed. Furniture comes a week later. Please tell me by Friday who needs a parking space.',
    },
  },
  agent: ({ to }) => ({
    trigger_config: { type: 'webhook' },
    actions: [
      {
        id: 'sum',
        name: 'Summarise it',
        type: 'run_agent',
        config: {
          agent_name: 'Content Agent',
          prompt: 'Summarise this message, and say what it asks for.',
          input: { text: '{{trigger.body.text}}', max_words: 80 },
        },
      },
      {
        id: 'mail',
        name: 'Mail the summary',
        type: 'email',
        config: {
          to,
          subject: "In short: {{trigger.body.subject | default: 'a message' | truncate: 100}}",
          body: "{{steps.sum.output.text}}\n\nFrom: {{trigger.body.from | default: 'unknown'}}",
        },
      },
    ],
  }),
});
