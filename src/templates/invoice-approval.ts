import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';
import { address, approvers, decidedBy, recipients, SAMPLE_PEOPLE } from '#templates/parameters';

export const invoiceApproval = defineTemplate({
  slug: 'invoice-approval',
  name: 'Invoice approval',
  summary: 'Has a person approve large invoices before they are booked; small ones pass.',
  description:
    'Your invoice system posts number, supplier and amount to the webhook. Up to the limit the invoice is booked at once; above it somebody approves first, from the inbox or from the e-mail. Then it goes to your accounting system and accounting gets a note.',
  category: 'Finance',
  parameters: z.strictObject({
    limit: z
      .number()
      .min(0)
      .default(1_000)
      .describe('Amounts above this need an approval.')
      .meta({ title: 'Approval limit' }),
    approvers,
    booking_url: address(
      'Booking URL',
      'Where approved invoices are posted.',
      'https://books.example.com/invoices',
    ),
    to: recipients.describe('Who is told about booked invoices.'),
  }),
  sample: {
    parameters: {
      limit: 500,
      booking_url: 'https://books.example.com/invoices',
      to: SAMPLE_PEOPLE,
    },
    trigger: { number: 'INV-17', supplier: 'Acme', amount: 1_250, currency: 'EUR' },
  },
  agent: ({ limit, approvers: people, booking_url, to }) => ({
    trigger_config: { type: 'webhook' },
    actions: [
      {
        id: 'ask',
        name: 'Have it approved',
        type: 'approval',
        when: { left: '{{trigger.body.amount}}', op: 'greater_than', right: limit },
        config: {
          message:
            "Book invoice {{trigger.body.number}} of {{trigger.body.supplier}} over {{trigger.body.amount}} {{trigger.body.currency | default: ''}}?",
          ...decidedBy(people),
        },
      },
      {
        id: 'book',
        name: 'Book it',
        type: 'http',
        config: { method: 'POST', url: booking_url, body: '{{trigger.body}}' },
      },
      {
        id: 'note',
        name: 'Tell accounting',
        type: 'email',
        config: {
          to,
          subject: 'Invoice {{trigger.body.number}} is booked',
          body: "{{trigger.body.supplier}}: {{trigger.body.amount}} {{trigger.body.currency | default: ''}}",
        },
      },
    ],
  }),
});
