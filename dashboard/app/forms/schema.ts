import { nameOf } from '#dashboard/app/forms/words.ts';

/** As much of a JSON Schema as forms are drawn from. */
export type FieldSchema = {
  /** It may be null, which the form says by an empty field. */
  readonly isNullable?: boolean;
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | FieldSchema;
  readonly items?: FieldSchema;
  readonly anyOf?: readonly FieldSchema[];
  readonly oneOf?: readonly FieldSchema[];
  readonly $ref?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
};

/** Named schemas that references lead to. */
export type Definitions = Readonly<Record<string, FieldSchema>>;

/** How a field is asked for. */
export type FieldKind =
  | 'text'
  | 'long-text'
  | 'number'
  | 'duration'
  | 'switch'
  | 'choice'
  | 'texts'
  | 'pairs'
  | 'group'
  | 'variants'
  | 'condition'
  | 'json'
  | 'steps';

const LONG_TEXT = 300;
const LONG_NAMES = ['text', 'body', 'message', 'prompt', 'description'];

/** The schema that a reference leads to, with what stands beside the reference. */
export function follow(schema: FieldSchema, definitions: Definitions): FieldSchema {
  if (schema.$ref === undefined) return withoutNull(schema);
  const name = schema.$ref.split('/').at(-1) ?? '';
  const { $ref: _, ...beside } = schema;
  return { ...follow(definitions[name] ?? {}, definitions), ...beside };
}

/** A field of one kind that may be null as well, as one of that kind. */
function withoutNull(schema: FieldSchema): FieldSchema {
  const { anyOf, type, default: usual, ...rest } = schema;
  const left = {
    ...rest,
    ...(usual !== undefined && usual !== null && { default: usual }),
    isNullable: true,
  };
  if (anyOf?.length === 2 && anyOf[1]?.type === 'null') return { ...left, ...anyOf[0] };
  const [first, second, ...others] = Array.isArray(type) ? type : [];
  if (second !== 'null' || others.length > 0) return schema;
  return { ...left, type: first };
}

/** @param name of the field: some names say more than their schema. */
export function fieldKind(schema: FieldSchema, name: string): FieldKind {
  const { type, properties, additionalProperties } = schema;
  if (name === 'when') return 'condition';
  if (name === 'actions' || name === 'otherwise' || name === 'branches') return 'steps';
  if (schema.enum) return 'choice';
  const variants = schema.oneOf ?? schema.anyOf;
  if (variants)
    return variants.every((variant) => variant.properties) ? 'variants' : looseKind(variants, name);
  if (type === 'boolean') return 'switch';
  if (type === 'integer' || type === 'number')
    return /(^|_)seconds$/.test(name) ? 'duration' : 'number';
  if (type === 'string') return isLong(schema, name) ? 'long-text' : 'text';
  if (type === 'array') return schema.items?.type === 'string' ? 'texts' : 'json';
  if (type === 'object' && properties) return 'group';
  if (type === 'object' && isTexts(additionalProperties)) return 'pairs';
  return 'json';
}

function isLong({ maxLength = 0, format }: FieldSchema, name: string): boolean {
  if (format !== undefined) return false;
  return (
    LONG_NAMES.includes(name) ||
    (maxLength > LONG_TEXT && !/url|id$|range|selector|subject/.test(name))
  );
}

function isTexts(schema: boolean | FieldSchema | undefined): boolean {
  if (typeof schema !== 'object') return false;
  return schema.type === 'string' || (Array.isArray(schema.type) && schema.type[0] === 'string');
}

/** A list of texts, or one: asked for as a list, or as one text where that is usual. Anything else: as JSON, where plain text is text. */
function looseKind(variants: readonly FieldSchema[], name: string): FieldKind {
  const isTextOrTexts = variants.every(
    ({ type, items }) => type === 'string' || (type === 'array' && items?.type === 'string'),
  );
  if (!isTextOrTexts || variants.length < 2) return 'json';
  return LONG_NAMES.includes(name) ? 'long-text' : 'texts';
}

/** What a field is called. @param path its JSON path, or its name */
export function fieldLabel(path: string, schema: FieldSchema): string {
  return schema.title ?? nameOf(path);
}

/** An example as it is typed; undefined without one. */
export function exampleText(schema: FieldSchema): string | undefined {
  const [example] = schema.examples ?? [];
  if (example === undefined) return undefined;
  const [first] = Array.isArray(example) ? example : [];
  if (typeof first === 'string') return first;
  return typeof example === 'string' ? example : JSON.stringify(example);
}

/** The defaults of an object's fields, for a form in which they are to be seen. */
export function defaultsOf(schema: FieldSchema): Record<string, unknown> {
  const fields = Object.entries(schema.properties ?? {});
  return Object.fromEntries(
    fields.flatMap(([name, field]) => (field.default === undefined ? [] : [[name, field.default]])),
  );
}

/** What a new object starts from: defaults are left to the API, so that only required choices are set. */
export function startValue(schema: FieldSchema): Record<string, unknown> {
  const entries = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    if (!schema.required?.includes(name)) return [];
    if (field.const !== undefined) return [[name, field.const]];
    if (field.default !== undefined) return [[name, field.default]];
    if (field.enum) return [[name, field.enum[0]]];
    if (name === 'actions') return [[name, []]];
    return [];
  });
  return Object.fromEntries(entries);
}
