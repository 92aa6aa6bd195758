import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { JsonSchema } from '#agents/extraction/json-schema';
import { sortedJson } from '#core/sorted-json';
import { isPlainObject } from '#core/templates/json';

/** Where something stands in a value; empty for the value itself. */
export type Place = readonly PropertyKey[];

const FINE: readonly Place[] = [];
const WRONG: readonly Place[] = [[]];

/**
 * Where a value does not conform to a JSON Schema: every place once, none when it conforms.
 *
 * @see https://json-schema.org/draft/2020-12/json-schema-validation
 */
export function faultsIn(value: unknown, schema: JsonSchema): readonly Place[] {
  const faults = [
    ...faultsOfValue(value, schema),
    ...faultsOfChoices(value, schema),
    ...(isPlainObject(value) ? faultsOfRecord(value, schema) : FINE),
    ...(Array.isArray(value) ? faultsOfList(value, schema) : FINE),
  ];
  return [...new Map(faults.map((place) => [JSON.stringify(place), place])).values()];
}

function wrongUnless(isFine: boolean): readonly Place[] {
  return isFine ? FINE : WRONG;
}

const types: Readonly<
  Record<NonNullable<JsonSchema['type']> & string, (value: unknown) => boolean>
> = {
  array: Array.isArray,
  boolean: (value) => typeof value === 'boolean',
  integer: Number.isInteger,
  null: (value) => value === null,
  number: (value) => typeof value === 'number',
  object: isPlainObject,
  string: (value) => typeof value === 'string',
};

function faultsOfValue(value: unknown, schema: JsonSchema): readonly Place[] {
  const { type, enum: choices, const: only } = schema;
  const isKind = type === undefined || [type].flat().some((one) => types[one](value));
  const isChoice = choices === undefined || choices.some((one) => isDeepStrictEqual(one, value));
  const isIt = only === undefined || isDeepStrictEqual(only, value);
  const isWithin =
    typeof value === 'number'
      ? isNumberWithin(value, schema)
      : typeof value !== 'string' || isTextWithin(value, schema);
  return wrongUnless(isKind && isChoice && isIt && isWithin);
}

/** Fractions are not exact in binary. */
const TOLERANCE = 1e-9;

function isNumberWithin(value: number, schema: JsonSchema): boolean {
  const { minimum = -Infinity, maximum = Infinity, multipleOf } = schema;
  const { exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = schema;
  const times = multipleOf === undefined ? 0 : value / multipleOf;
  return (
    value >= minimum &&
    value <= maximum &&
    value > exclusiveMinimum &&
    value < exclusiveMaximum &&
    Math.abs(times - Math.round(times)) < TOLERANCE
  );
}

/** Other formats say something to people and to models. */
const formats: Readonly<Record<string, z.ZodType>> = {
  date: z.iso.date(),
  'date-time': z.iso.datetime({ offset: true }),
  email: z.email(),
  ipv4: z.ipv4(),
  ipv6: z.ipv6(),
  uri: z.url(),
  url: z.url(),
  uuid: z.guid(),
};

function isTextWithin(value: string, schema: JsonSchema): boolean {
  const { minLength = 0, maxLength = Infinity, format = '' } = schema;
  const length = [...value].length;
  const isFormatted = !Object.hasOwn(formats, format) || formats[format]?.safeParse(value).success;
  return length >= minLength && length <= maxLength && isFormatted !== false;
}

function faultsOfChoices(value: unknown, schema: JsonSchema): readonly Place[] {
  const { allOf = [], anyOf, oneOf, not } = schema;
  const fits = (part: JsonSchema) => faultsIn(value, part).length === 0;
  return [
    ...allOf.flatMap((part) => faultsIn(value, part)),
    ...wrongUnless(anyOf === undefined || anyOf.some(fits)),
    ...wrongUnless(oneOf === undefined || oneOf.filter(fits).length === 1),
    ...wrongUnless(not === undefined || !fits(not)),
  ];
}

function faultsOfRecord(
  value: Readonly<Record<string, unknown>>,
  schema: JsonSchema,
): readonly Place[] {
  const { properties = {}, additionalProperties = true, required = [] } = schema;
  const { minProperties = 0, maxProperties = Infinity } = schema;
  const names = Object.keys(value);
  const named = (name: string) => (Object.hasOwn(properties, name) ? properties[name] : undefined);
  const inside = (name: string) => {
    const part = named(name) ?? additionalProperties;
    return typeof part === 'boolean' ? wrongUnless(part) : faultsIn(value[name], part);
  };
  return [
    ...wrongUnless(names.length >= minProperties && names.length <= maxProperties),
    ...required.filter((name) => !Object.hasOwn(value, name)).map((name) => [name]),
    ...names.flatMap((name) => under(name, inside(name))),
  ];
}

function faultsOfList(value: readonly unknown[], schema: JsonSchema): readonly Place[] {
  const { items = {}, minItems = 0, maxItems = Infinity, uniqueItems = false } = schema;
  const isUnique = !uniqueItems || new Set(value.map(sortedJson)).size === value.length;
  return [
    ...wrongUnless(value.length >= minItems && value.length <= maxItems && isUnique),
    ...value.flatMap((one, index) => under(index, faultsIn(one, items))),
  ];
}

function under(part: PropertyKey, places: readonly Place[]): readonly Place[] {
  return places.map((place) => [part, ...place]);
}
