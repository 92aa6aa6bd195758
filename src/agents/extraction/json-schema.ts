import * as z from 'zod';

const Type = z.enum(['array', 'boolean', 'integer', 'null', 'number', 'object', 'string']);
const Count = z.int().min(0);

/**
 * A JSON Schema, in the words that {@link faultsIn} understands: it could not promise that data
 * conforms to any others.
 */
export const JsonSchema = z.strictObject({
  type: z
    .union([Type, z.array(Type).min(1)], {
      error: `Give one of ${Type.options.join(', ')}, or a list of them.`,
    })
    .optional(),
  enum: z.array(z.json()).min(1).optional(),
  const: z.json().optional(),
  get properties() {
    return z.record(z.string(), JsonSchema).optional();
  },
  required: z.array(z.string()).optional(),
  get additionalProperties() {
    return z.union([z.boolean(), JsonSchema]).optional();
  },
  minProperties: Count.optional(),
  maxProperties: Count.optional(),
  get items() {
    return JsonSchema.optional();
  },
  minItems: Count.optional(),
  maxItems: Count.optional(),
  uniqueItems: z.boolean().optional(),
  minLength: Count.optional(),
  maxLength: Count.optional(),
  format: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  multipleOf: z.number().positive().optional(),
  get allOf() {
    return z.array(JsonSchema).min(1).optional();
  },
  get anyOf() {
    return z.array(JsonSchema).min(1).optional();
  },
  get oneOf() {
    return z.array(JsonSchema).min(1).optional();
  },
  get not() {
    return JsonSchema.optional();
  },
  // For people, and for models.
  $schema: z.string().optional(),
  $id: z.string().optional(),
  $comment: z.string().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  default: z.json().optional(),
  examples: z.array(z.json()).optional(),
  deprecated: z.boolean().optional(),
  readOnly: z.boolean().optional(),
  writeOnly: z.boolean().optional(),
});
export type JsonSchema = z.infer<typeof JsonSchema>;
