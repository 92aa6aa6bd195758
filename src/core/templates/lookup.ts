import { isPlainObject, kindOf } from './json.ts';
import { shownName } from './json-path.ts';
import type { PathPart } from './parse.ts';

/**
 * What templates may read, by root: `trigger`, `steps`, `item`, `index`, `agent`, `run`. Values
 * are plain JSON data; what else an object may carry or inherit is never seen.
 */
export type TemplateScope = Readonly<Record<string, unknown>>;

/** What a path leads to, or a way to say for people which part of it is missing. */
export type Lookup =
  | { readonly found: true; readonly value: unknown }
  | { readonly found: false; readonly reason: () => string };

/** Follows a path of the template `text` through own properties of plain objects and lists. */
export function lookUp(
  path: readonly [PathPart, ...PathPart[]],
  text: string,
  scope: TemplateScope,
): Lookup {
  let value: unknown = scope;
  for (const [index, part] of path.entries()) {
    const holder = value;
    value = ownProperty(holder, part.key);
    if (value === undefined) {
      return { found: false, reason: () => whyMissing(holder, part.key, index, path, text) };
    }
  }
  return { found: true, value };
}

function ownProperty(holder: unknown, key: string): unknown {
  if (Array.isArray(holder)) return isIndex(key) ? holder[Number(key)] : undefined;
  return isPlainObject(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined;
}

/** Decimal digits as JavaScript writes an index: `length` and `01` are none. */
function isIndex(key: string): boolean {
  return /^(?:0|[1-9]\d{0,14})$/.test(key);
}

function whyMissing(
  holder: unknown,
  key: string,
  index: number,
  path: readonly [PathPart, ...PathPart[]],
  text: string,
): string {
  const name = JSON.stringify(key.length > 60 ? `${key.slice(0, 60)}…` : key);
  const before = path[index - 1];
  if (before === undefined) return `there is no ${name} here (there is: ${namesOf(holder)})`;
  const start = path[0].end - path[0].key.length;
  const where = text.slice(Math.max(start, before.end - 200), before.end);
  const length = key === 'length' ? '; for a length use the filter: | length' : '';
  if (Array.isArray(holder)) {
    return isIndex(key)
      ? `there is no item ${key} in ${where} (its length is ${holder.length}, and the first item is 0)`
      : `there is no ${name} in ${where}, which is a list: name an item by its number, from 0${length}`;
  }
  const kind = kindOf(holder);
  if (kind === 'object') return `there is no ${name} in ${where} (it has: ${namesOf(holder)})`;
  return `${where} is ${nounOf[kind]}, so there is no ${name} in it${length}`;
}

const nounOf = {
  text: 'a text',
  number: 'a number',
  'true or false': 'true or false',
  null: 'null',
  list: 'a list',
  object: 'an object',
  other: 'no JSON value',
} as const;

const mostNames = 10;

/** The first names in an object, never their values. */
function namesOf(holder: unknown): string {
  const names = Object.keys(holder as object);
  if (names.length === 0) return 'nothing';
  const shown = names.slice(0, mostNames).map(shownName).join(', ');
  return names.length > mostNames ? `${shown} and ${names.length - mostNames} more` : shown;
}
