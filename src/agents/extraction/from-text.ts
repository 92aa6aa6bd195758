import type { JsonSchema } from '#agents/extraction/json-schema';
import { textLike, type ValueKind, valueIn } from '#agents/extraction/values';
import { wordsOf } from '#agents/words';

/** Longest text in which a label stands, in characters. */
const LABEL_CHARACTERS = 60;

/** Most lines of a text that are read as labels and values. */
const MAX_LINES = 20_000;

/** Deepest nesting of objects that is filled. */
const MAX_DEPTH = 5;

type Labelled = { readonly label: string; readonly value: string };

/** What to read, and what to find in it. */
export type FillRequest = { readonly text: string; readonly schema: JsonSchema };

/**
 * Fills an object from a text by fixed rules: values that stand after a label which says the name of
 * a property (`Total: 12.50`, `| Total | 12.50 |`), and for e-mail addresses, links, dates and the
 * like the first one there is. What is not there is left out; nothing is made up.
 */
export function fillFromText({ text, schema }: FillRequest): Record<string, unknown> {
  const lines = text.split(/\r?\n/).slice(0, MAX_LINES).flatMap(labelledIn);
  return fillObject(text, lines, schema, MAX_DEPTH);
}

function fillObject(
  text: string,
  lines: readonly Labelled[],
  schema: JsonSchema,
  depth: number,
): Record<string, unknown> {
  const entries = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const value = fillProperty(name, property, { text, lines, depth });
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

function fillProperty(
  name: string,
  property: JsonSchema,
  { text, lines, depth }: { text: string; lines: readonly Labelled[]; depth: number },
): unknown {
  const kind = kindOf(property);
  if (kind === 'object') {
    const inner = depth > 0 ? fillObject(text, lines, property, depth - 1) : {};
    return Object.keys(inner).length > 0 ? inner : undefined;
  }
  if (Object.hasOwn(property, 'const')) return undefined;
  const labelled = labelledValue(name, property, lines);
  const options = { choices: choicesOf(property), format: property.format ?? '' };
  if (kind === 'array') {
    const items = kindOf(property.items ?? {});
    if (labelled === undefined || items === 'object' || items === 'array') return undefined;
    const parts = labelled.split(/[,;]/).map((part) => valueIn(part.trim(), items, options));
    return parts.filter((part) => part !== undefined);
  }
  if (labelled !== undefined) {
    const value = valueIn(labelled, kind, options);
    if (value !== undefined) return value;
  }
  return textLike(text, name, kind, options);
}

/** The value after the label that says the property's name, or its title, in whole words. */
function labelledValue(
  name: string,
  property: JsonSchema,
  lines: readonly Labelled[],
): string | undefined {
  const wanted = [name, property.title ?? ''].map(plainLabel).filter(Boolean);
  const exact = lines.find(({ label }) => wanted.includes(label));
  const close = exact ?? lines.find(({ label }) => wanted.some((one) => label.endsWith(` ${one}`)));
  return close?.value;
}

/** `Label: value`, `Label = value`, `**Label** – value`, `| Label | value |`, and so on. */
function labelledIn(line: string): Labelled[] {
  const bare = line.replace(/[*_`#>]/g, '').trim();
  const cells = bare.startsWith('|') ? bare.split('|').map((cell) => cell.trim()) : [];
  if (cells.length === 4) return [{ label: plainLabel(cells[1] ?? ''), value: cells[2] ?? '' }];
  const at = bare.search(/[:=]|\s[-–—]\s/);
  if (at < 1 || at > LABEL_CHARACTERS) return [];
  const value = bare.slice(at).replace(/^\s*[:=–—-]\s*/, '');
  return value === '' ? [] : [{ label: plainLabel(bare.slice(0, at)), value }];
}

/** `orderNumber`, `order_number` and `Order number` are the same. */
function plainLabel(label: string): string {
  return wordsOf(label.replace(/([a-z\d])([A-Z])/g, '$1 $2').replaceAll(/[_-]/g, ' ')).join(' ');
}

function kindOf(property: JsonSchema): ValueKind | 'object' | 'array' {
  const type = [property.type].flat().find((one) => one !== 'null');
  switch (type) {
    case 'object':
    case 'array':
    case 'integer':
    case 'number':
    case 'boolean':
      return type;
    default:
      return 'string';
  }
}

function choicesOf(property: JsonSchema): readonly string[] {
  return (property.enum ?? []).filter((one) => typeof one === 'string');
}
