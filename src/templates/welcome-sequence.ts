import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';

export const welcomeSequence = defineTemplate({
  slug: 'welcome-sequence',
  name: 'Welcome sequence',
  summary: 'Welcomes each new customer by e-mail, and asks how it goes some days later.',
  description:
    'Your sign-up posts name and email to the webhook. A welcome goes out at once, a second e-mail after the wait, which costs nothing while it lasts.',
  category: 'Sales and marketing',
  parameters: z.strictObject({
    product: z
      .string()
      .min(1)
      .max(100)
      .describe('What people signed up for.')
      .meta({ title: 'Product', examples: ['Acme'] }),
    wait_days: z
      .number()
      .min(0)
      .max(90)
      .default(3)
      .describe('Days until the second e-mail.')
      .meta({ title: 'Days to wait' }),
  }),
  sample: {
    parameters: { product: 'Acme', wait_days: 0 },
    trigger: { name: 'Grace', email: 'grace@example.com' },
  },
  agent: ({ product, wait_days }) => ({
    trigger_config: { type: 'webhook' },
    actions: [
      {
        id: 'welcome',
        name: 'Welcome',
        type: 'email',
        config: {
          to: ['{{trigger.body.email}}'],
          subject: `Welcome to ${product}`,
          body: `Hello {{trigger.body.name | default: 'there'}},\n\nit is good to have you. Answer this e-mail whenever something is unclear.`,
        },
      },
      {
        id: 'wait',
        name: 'Wait some days',
        type: 'delay',
        config: { seconds: wait_days * 86_400 },
      },
      {
        id: 'follow_up',
        name: 'Ask how it goes',
        type: 'email',
        config: {
          to: ['{{trigger.body.email}}'],
          subject: `How is ${product} going?`,
          body: `Hello {{trigger.body.name | default: 'there'}},\n\nis there anything we can help you with?`,
        },
      },
    ],
  }),
});
