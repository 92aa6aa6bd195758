import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';
import { address } from '#templates/parameters';

export const webhookRelay = defineTemplate({
  slug: 'webhook-relay',
  name: 'Webhook relay',
  summary: 'Takes one webhook and passes its payload on to several addresses, with retries.',
  description:
    'Whatever is posted to the webhook is sent on to each address as JSON. An address that is down for a while gets it later, by itself; one that stays down does not keep it from the others.',
  category: 'Engineering',
  parameters: z.strictObject({
    urls: z
      .array(address('Receiver', 'Where to pass it on to.', 'https://api.example.com/hook'))
      .min(1)
      .max(20)
      .describe('Who gets the payload.')
      .meta({ title: 'Receivers' }),
  }),
  sample: {
    parameters: { urls: ['https://one.example.com/hook', 'https://two.example.com/hook'] },
    trigger: { event: 'order.paid', id: 4711 },
  },
  agent: ({ urls }) => ({
    trigger_config: { type: 'webhook' },
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
              id: 'pass_on',
              type: 'http',
              config: { method: 'POST', url: '{{item}}', body: '{{trigger.body}}' },
              on_error: 'continue',
            },
          ],
        },
      },
    ],
  }),
});
