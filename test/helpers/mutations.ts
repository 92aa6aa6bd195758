/** JSON Schema, as far as the API's document uses it. */
export type Schema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
};

/** A body with one thing wrong, and where that is. */
export type Mutation = { readonly path: string; readonly body: unknown };

const samples: Readonly<Record<string, unknown>> = {
  string: 'nonsense',
  number: -12.5,
  boolean: true,
  object: { nonsense: 1 },
  array: [['nonsense']],
  null: null,
};

/** The JSON types that a schema takes; undefined when it takes any. */
function typesOf(schema: Schema): ReadonlySet<string> | undefined {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) {
    const all = choices.map(typesOf);
    if (all.some((types) => types === undefined)) return undefined;
    return new Set(all.flatMap((types) => [...(types ?? [])]));
  }
  if (schema.const !== undefined) return new Set([typeof schema.const]);
  if (schema.type === undefined) return undefined;
  return new Set([schema.type].flat().map((type) => (type === 'integer' ? 'number' : type)));
}

/**
 * Every body that comes from a good one by giving one field of the schema a value of another type,
 * or of none of its names, and by adding one field that the schema does not have.
 */
export function mutationsOf(schema: Schema, good: unknown): Mutation[] {
  return visit(schema, good, []).map(({ path, value }) => ({
    path: nameOf(path),
    body: put(good, path, value),
  }));
}

type Change = { readonly path: readonly (string | number)[]; readonly value: unknown };

function visit(schema: Schema, value: unknown, path: Change['path']): Change[] {
  return [...wrongValues(schema, path), ...insideOf(schema, value, path)];
}

function wrongValues(schema: Schema, path: Change['path']): Change[] {
  if (path.length === 0) return [];
  const types = typesOf(schema);
  if (types === undefined) return [];
  const wrong = Object.entries(samples).filter(([type]) => !types.has(type));
  const outsiders = schema.enum ? ['no such choice'] : [];
  return [...wrong.map(([, value]) => value), ...outsiders].map((value) => ({ path, value }));
}

function insideOf(schema: Schema, value: unknown, path: Change['path']): Change[] {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) {
    const fitting = choices.filter((choice) => fits(choice, value));
    return fitting.flatMap((choice) => insideOf(choice, value, path));
  }
  if (schema.items && Array.isArray(value)) {
    const { items } = schema;
    return value.flatMap((item, index) => visit(items, item, [...path, index]));
  }
  if (!schema.properties) return [];
  const fields = Object.entries(schema.properties).flatMap(([name, inner]) =>
    visit(inner, (value as Record<string, unknown> | undefined)?.[name], [...path, name]),
  );
  const isClosed = schema.additionalProperties === false;
  return isClosed ? [...fields, { path: [...path, 'not_a_field'], value: 1 }] : fields;
}

/** Whether a value is of this choice, as its constants tell. */
function fits({ properties = {} }: Schema, value: unknown): boolean {
  return Object.entries(properties).every(
    ([name, inner]) =>
      inner.const === undefined || (value as Record<string, unknown>)?.[name] === inner.const,
  );
}

/** A copy with one thing in it replaced; what leads to it is made where it is missing. */
function put(whole: unknown, [first, ...rest]: Change['path'], value: unknown): unknown {
  if (first === undefined) return value;
  if (Array.isArray(whole)) {
    return whole.map((item, index) => (index === first ? put(item, rest, value) : item));
  }
  const object = (whole ?? {}) as Record<string, unknown>;
  return { ...object, [first]: put(object[first], rest, value) };
}

function nameOf(path: Change['path']): string {
  return path.reduce<string>((name, part) => {
    if (typeof part === 'number') return `${name}[${part}]`;
    return name === '' ? part : `${name}.${part}`;
  }, '');
}
