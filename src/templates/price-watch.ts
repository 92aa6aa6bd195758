import * as z from 'zod';
import { defineTemplate } from '#core/agents/agent-template';
import { address, onSchedule, recipients, SAMPLE_PEOPLE, schedule } from '#templates/parameters';

export const priceWatch = defineTemplate({
  slug: 'price-watch',
  name: 'Price watch',
  summary: 'Reads a price every day and mails you when it falls below yours.',
  description:
    'Reads one number from a page by a CSS selector, without its currency sign, and sends an e-mail when it is below your limit.',
  category: 'Monitoring',
  parameters: z.strictObject({
    url: address('Page to watch', 'The page with the price.', 'https://shop.example.com/item'),
    selector: z
      .string()
      .min(1)
      .max(500)
      .describe('A CSS selector of the price.')
      .meta({ title: 'Price selector', examples: ['.price'] }),
    currency: z
      .string()
      .max(5)
      .default('$')
      .describe('The sign to leave out.')
      .meta({ title: 'Currency sign' }),
    limit: z
      .number()
      .min(0)
      .describe('Below this you get an e-mail.')
      .meta({ title: 'Price limit', examples: [20] }),
    to: recipients,
    ...schedule('0 7 * * *'),
  }),
  sample: {
    parameters: {
      url: 'https://shop.example.com/page',
      selector: '.price',
      limit: 20,
      to: SAMPLE_PEOPLE,
    },
  },
  agent: ({ url, selector, currency, limit, to, ...when }) => ({
    trigger_config: onSchedule(when),
    actions: [
      {
        id: 'read',
        name: 'Read the price',
        type: 'run_agent',
        config: { agent_name: 'Scraping Agent', input: { url, fields: { price: selector } } },
      },
      {
        id: 'mail',
        name: 'Mail when it is low',
        type: 'email',
        when: {
          left: `{{steps.read.output.fields.price | replace: ${JSON.stringify(currency)}, "" | trim | number}}`,
          op: 'less_than',
          right: limit,
        },
        config: {
          to,
          subject: 'The price is {{steps.read.output.fields.price}} now',
          body: `It fell below ${limit}: ${url}`,
        },
      },
    ],
  }),
});
