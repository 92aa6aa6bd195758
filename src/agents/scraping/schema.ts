import * as z from 'zod';

const Field = z.strictObject({
  selector: z.string().min(1).max(500).describe('A CSS selector.'),
  attribute: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('Take this attribute instead of the text, for example href or src.'),
  all: z.boolean().default(false).describe('Take every match as a list instead of the first one.'),
});

/** What the Scraping Agent takes. */
export const ScrapingInput = z.strictObject({
  url: z
    .string()
    .min(1)
    .max(8_192)
    .optional()
    .describe('The page: an absolute http or https address. Default: the first address in prompt.')
    .meta({ examples: ['https://example.com/pricing'] }),
  fields: z
    .record(z.string().min(1).max(60), z.union([z.string().min(1).max(500), Field]))
    .refine((fields) => Object.keys(fields).length <= 50, 'At most 50 fields.')
    .default({})
    .describe('Names of your own, each with a CSS selector, or an object with more to say.')
    .meta({
      examples: [{ price: '.price', images: { selector: 'img', attribute: 'src', all: true } }],
    }),
  max_characters: z
    .int()
    .min(100)
    .max(200_000)
    .default(50_000)
    .describe('Most characters of Markdown that are kept.'),
});

/** What it gives. */
export const ScrapingOutput = z.strictObject({
  url: z.string().describe('The address that answered, after redirects.'),
  status: z.int().describe('Its HTTP status.'),
  title: z.string().describe('The title of the page; empty when it has none.'),
  description: z.string().nullable().describe('What the page says of itself; null for nothing.'),
  language: z.string().nullable().describe('The language that it names, such as en.'),
  canonical_url: z.string().nullable().describe('The address that it calls its own.'),
  markdown: z.string().describe('The readable text, without menus and the like.'),
  truncated: z.boolean().describe('Whether there is more text than max_characters.'),
  links: z
    .array(z.strictObject({ text: z.string(), url: z.string() }))
    .describe('Where it leads, each address once, in its order.'),
  tables: z
    .array(
      z.strictObject({
        caption: z.string().nullable(),
        columns: z.array(z.string()).describe('Texts of its head; empty when it has none.'),
        rows: z.array(z.array(z.string())),
      }),
    )
    .describe('Its tables of data.'),
  meta: z.record(z.string(), z.string()).describe('Every meta element with a name or property.'),
  fields: z
    .record(z.string(), z.union([z.string(), z.array(z.string()), z.null()]))
    .describe('What the selectors found; null where there is nothing.'),
});
export type ScrapingOutput = z.input<typeof ScrapingOutput>;
