import * as z from 'zod';

/** What a file may be. */
export const EXPORT_FORMATS = ['csv', 'json', 'markdown', 'html', 'xlsx'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** What the Export Agent takes. */
export const ExportInput = z.strictObject({
  data: z
    .json()
    .describe(
      'What to write. A list of objects becomes a table with their fields as columns; a text is taken as it is in markdown, json and html.',
    )
    .meta({ examples: ['{{steps.collect.output}}'] }),
  format: z.enum(EXPORT_FORMATS).default('csv').describe('The kind of file.'),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/, 'Use up to 80 of A-Z, a-z, 0-9, dot, _ and -.')
    .default('export')
    .describe('Name of the file, without its ending.'),
  title: z.string().max(200).optional().describe('Heading of a Markdown or HTML file.'),
  columns: z
    .array(z.string().min(1).max(200))
    .min(1)
    .max(200)
    .optional()
    .describe('Which fields become columns, in order. Default: all, as they come.'),
  link_minutes: z.int().min(1).max(720).default(60).describe('Minutes for which the link works.'),
});
export type ExportInput = z.output<typeof ExportInput>;

/** What it gives. */
export const ExportOutput = z.strictObject({
  url: z.string().describe('Where the file can be had; whoever has the link may read it.'),
  expires_at: z.string().describe('Until when the link works.'),
  name: z.string().describe('Name of the file, with its ending.'),
  content_type: z.string().describe('Its media type.'),
  bytes: z.int().describe('Its size.'),
  rows: z.int().nullable().describe('Rows of a table without its head; null for what is none.'),
});
