import * as z from 'zod';
import { Engine, ModelUse } from '#agents/model-use';

/** What the Extraction Agent takes. */
export const ExtractionInput = z.strictObject({
  text: z.string().min(1).max(400_000).describe('What to read.'),
  schema: z
    .record(z.string(), z.json())
    .describe(
      'A JSON Schema of an object: what to find, described. Without $ref, patterns and conditions.',
    )
    .meta({
      examples: [
        {
          type: 'object',
          properties: { total: { type: 'number' }, email: { type: 'string', format: 'email' } },
          required: ['total'],
        },
      ],
    }),
  allow_partial: z
    .boolean()
    .default(false)
    .describe('Whether the step succeeds although something that is required is not there.'),
});

/** What it gives. */
export const ExtractionOutput = z.strictObject({
  data: z.record(z.string(), z.json()).describe('What was found, as the schema says.'),
  is_complete: z.boolean().describe('Whether data conforms to the schema.'),
  missing: z.array(z.string()).describe('What is required and was not found.'),
  engine: Engine,
  ...ModelUse,
});
