import type { FieldSchema } from '#dashboard/app/forms/schema.ts';

/** How a value of several possible shapes is asked for: names with values, a list of texts, or as JSON. */
export type LooseMode = 'pairs' | 'texts' | 'json';

/** The ways that suit a schema. JSON always does. */
export function modesOf(schema: FieldSchema): readonly LooseMode[] {
  const variants = variantsOf(schema);
  return [
    ...(variants.some(isPairs) ? (['pairs'] as const) : []),
    ...(variants.some(isTexts) ? (['texts'] as const) : []),
    'json',
  ];
}

/** Whether a value can be seen and changed in a way of asking for it. */
export function fits(mode: LooseMode, value: unknown): boolean {
  if (mode === 'json' || value === undefined) return true;
  if (typeof value !== 'object' || value === null) return false;
  if (mode === 'texts') return Array.isArray(value) && value.every(isText);
  return !Array.isArray(value) && Object.values(value).every(isPlain);
}

/** The way to begin with: one that fits the value, or, without one, that fits the example. */
export function startMode(schema: FieldSchema, value: unknown): LooseMode {
  const modes = modesOf(schema);
  if (value !== undefined) return modes.find((mode) => fits(mode, value)) ?? 'json';
  const [example] = schema.examples ?? [];
  const [first = 'json'] = modes;
  const takesTexts = variantsOf(schema).some(
    (one) => takesText(one.additionalProperties) || takesText(one.items),
  );
  return takesTexts || fits(first, example) ? first : 'json';
}

/** A schema that says nothing, or refers to any JSON value, allows everything. */
function variantsOf(schema: FieldSchema): readonly FieldSchema[] {
  return schema.anyOf ?? schema.oneOf ?? [schema];
}

function isPairs({ type, properties, additionalProperties }: FieldSchema): boolean {
  return type === 'object' && properties === undefined && additionalProperties !== false;
}

function isTexts({ type, items }: FieldSchema): boolean {
  return type === 'array' && takesText(items);
}

function takesText(schema: boolean | FieldSchema | undefined): boolean {
  if (typeof schema !== 'object') return false;
  return variantsOf(schema).some(
    ({ type }) => type === 'string' || (Array.isArray(type) && type.includes('string')),
  );
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}
