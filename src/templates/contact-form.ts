import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';
import { recipients, SAMPLE_PEOPLE } from '#templates/parameters';

export const contactForm = defineTemplate({
  slug: 'contact-form',
  name: 'Contact form to e-mail',
  summary: 'Gives a form on your site a webhook, and mails you what people write.',
  description:
    'A form posts name, email and message to the webhook; you get them as an e-mail. Call the webhook from your server, which keeps its secret.',
  category: 'Support',
  parameters: z.strictObject({ to: recipients }),
  sample: {
    parameters: { to: SAMPLE_PEOPLE },
    trigger: { name: 'Grace', email: 'grace@example.com', message: 'Do you ship to Norway?' },
  },
  agent: ({ to }) => ({
    trigger_config: { type: 'webhook' },
    actions: [
      {
        id: 'mail',
        name: 'Mail the message',
        type: 'email',
        config: {
          to,
          subject: "New message from {{trigger.body.name | default: 'somebody' | truncate: 80}}",
          body: "{{trigger.body.message}}\n\nFrom: {{trigger.body.name | default: 'no name given'}} <{{trigger.body.email | default: 'no address given'}}>",
        },
      },
    ],
  }),
});
