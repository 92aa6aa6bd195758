import { dateWriter, instantOf } from './date-format.ts';
import type { TemplateFilterName } from './filter-list.ts';
import {
  chargeWork,
  checkSize,
  isPlainObject,
  jsonText,
  type Kind,
  kindOf,
  type Meter,
  textOf,
} from './json.ts';
import type { TemplateLiteral } from './literals.ts';
import { TemplateError } from './template-error.ts';

/**
 * Changes a value. `args` were checked against the filter's list. `undefined` means that there is
 * nothing, as for a missing path; a value that does not suit throws {@link TemplateError}.
 */
export type ApplyFilter = (
  input: unknown,
  args: readonly TemplateLiteral[],
  meter: Meter,
) => unknown;

/** What each filter does. */
export const filterFunctions: Readonly<Record<TemplateFilterName, ApplyFilter>> = {
  default: (input, [instead]) => input ?? instead,
  json: (input, _args, meter) => jsonText(input, meter),
  upper: (input, _args, meter) => textIn('upper', input, meter).toUpperCase(),
  lower: (input, _args, meter) => textIn('lower', input, meter).toLowerCase(),
  trim: (input, _args, meter) => textIn('trim', input, meter).trim(),
  truncate: (input, [length, suffix = '…'], meter) =>
    truncated(textIn('truncate', input, meter), Number(length), String(suffix)),
  length: lengthOf,
  first: (input, _args, meter) => itemAt('first', input, meter),
  last: (input, _args, meter) => itemAt('last', input, meter),
  join: (input, [separator = ', '], meter) => joined(input, String(separator), meter),
  split: (input, [separator], meter) =>
    splitText(textIn('split', input, meter), String(separator), meter),
  replace: (input, [from, to], meter) =>
    replaced(textIn('replace', input, meter), String(from), String(to), meter),
  date: (input, [format, zone], meter) => dateText(input, format, zone, meter),
  number: numberOf,
  round: (input, [digits = 0]) => rounded(input, Number(digits)),
  // A lone half of a surrogate pair is no character, and encodeURIComponent would throw.
  url_encode: (input, _args, meter) =>
    encodeURIComponent(textIn('url_encode', input, meter).toWellFormed()),
};

function unsuited(filter: TemplateFilterName, wanted: string, input: unknown): never {
  const kind = kindOf(input);
  const got = kind === 'other' ? 'no JSON value' : kind;
  throw new TemplateError(
    `the filter ${filter} takes ${wanted}, but got ${got}${hintFor(kind, wanted === 'text')}`,
  );
}

function hintFor(kind: Kind, isTextWanted: boolean): string {
  if (kind === 'null') return ': add a default filter';
  if (kind !== 'list' && kind !== 'object') return '';
  if (!isTextWanted) return ': choose a part of it';
  return kind === 'list'
    ? ': choose an item of it, or put join or json before'
    : ': choose a part of it, or put json before';
}

/** Numbers, true and false are taken as they read inside a text. */
function textIn(filter: TemplateFilterName, input: unknown, meter: Meter): string {
  const kind = kindOf(input);
  if (kind !== 'text' && kind !== 'number' && kind !== 'true or false') {
    unsuited(filter, 'text', input);
  }
  const text = String(input);
  chargeWork(meter, text.length);
  return text;
}

/** Index just after the first `count` code points, or the text's length when it has fewer. */
function endOfCharacters(text: string, count: number): number {
  if (text.length <= count) return text.length;
  let index = 0;
  for (let seen = 0; seen < count && index < text.length; seen += 1) {
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return index;
}

function countCharacters(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; count += 1) {
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return count;
}

function truncated(text: string, length: number, suffix: string): string {
  if (endOfCharacters(text, length) === text.length) return text;
  const ending = suffix.slice(0, endOfCharacters(suffix, length));
  return text.slice(0, endOfCharacters(text, length - countCharacters(ending))) + ending;
}

const keyWork = 32;
const pieceWork = 8;

function lengthOf(input: unknown, _args: readonly TemplateLiteral[], meter: Meter): number {
  if (typeof input === 'string') return countCharacters(textIn('length', input, meter));
  if (Array.isArray(input)) return input.length;
  if (!isPlainObject(input)) return unsuited('length', 'text, a list or an object', input);
  const { length } = Object.keys(input);
  chargeWork(meter, keyWork * length);
  return length;
}

function itemAt(filter: 'first' | 'last', input: unknown, meter: Meter): unknown {
  if (Array.isArray(input)) return input.at(filter === 'first' ? 0 : -1);
  if (typeof input !== 'string') return unsuited(filter, 'a list or text', input);
  chargeWork(meter, 1);
  if (filter === 'first') return input.slice(0, endOfCharacters(input, 1)) || undefined;
  const pair = (input.codePointAt(input.length - 2) ?? 0) > 0xffff;
  return input.slice(pair ? -2 : -1) || undefined;
}

function joined(input: unknown, separator: string, meter: Meter): string {
  if (!Array.isArray(input)) return unsuited('join', 'a list', input);
  chargeWork(meter, pieceWork * input.length);
  const texts: string[] = [];
  let length = separator.length * Math.max(0, input.length - 1);
  for (const item of input) {
    const text = textOf(item ?? null, meter);
    length += text.length;
    checkSize(meter, length);
    texts.push(text);
  }
  return texts.join(separator);
}

/** The search for a longer separator may look at each character as often as the separator is long. */
const shortSeparator = 200;
const comparisonsPerWork = 16;

function splitText(text: string, separator: string, meter: Meter): string[] {
  if (separator.length > shortSeparator) {
    chargeWork(meter, (text.length * separator.length) / comparisonsPerWork);
  }
  const pieces = text.split(separator);
  chargeWork(meter, pieceWork * pieces.length);
  return pieces;
}

/** Looks at the size before it is made: a short text may stand for a long one many times. */
function replaced(text: string, from: string, to: string, meter: Meter): string {
  const pieces = splitText(text, from, meter);
  checkSize(meter, text.length + (pieces.length - 1) * (to.length - from.length));
  return pieces.join(to);
}

/** Asking for a zone's offset costs about as much as reading this many characters. */
const dateWork = 1000;

function dateText(
  input: unknown,
  format: TemplateLiteral | undefined,
  zone: TemplateLiteral | undefined,
  meter: Meter,
): string {
  chargeWork(meter, dateWork);
  const epochMs = instantOf(input);
  if (epochMs === undefined && typeof input === 'string') {
    throw new TemplateError(
      'the filter date cannot read this text: it takes ISO 8601 such as 2027-01-31T09:00:00Z',
    );
  }
  if (epochMs === undefined) {
    return unsuited('date', 'ISO 8601 text such as 2027-01-31T09:00:00Z or an epoch number', input);
  }
  if (format === undefined) return new Date(epochMs).toISOString();
  const write = dateWriter(String(format), String(zone ?? 'UTC'));
  if (typeof write === 'object') throw new TemplateError(write.problem);
  return write(epochMs);
}

const longestNumber = 400;

function numberOf(input: unknown, _args: readonly TemplateLiteral[], meter: Meter): number {
  if (kindOf(input) === 'number') return Number(input);
  if (typeof input !== 'string') return unsuited('number', 'text such as "12.50"', input);
  const text = textIn('number', input, meter).trim();
  const isNumber =
    text.length <= longestNumber && /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text);
  const number = isNumber ? Number(text) : Number.NaN;
  if (Number.isFinite(number)) return number;
  throw new TemplateError(
    'the filter number takes text such as "12.50", but got other text: put replace before it to remove what is no digit',
  );
}

/** Shifts the decimal point in the written number: 1.005 gives 1.01, as people expect. */
function rounded(input: unknown, digits: number): number {
  if (kindOf(input) !== 'number') {
    const hint = typeof input === 'string' ? ' (put number before it)' : '';
    return unsuited('round', `a number${hint}`, input);
  }
  const number = Number(input);
  const size = shifted(Math.abs(number), digits);
  if (size > Number.MAX_SAFE_INTEGER) return number;
  const result = shifted(Math.round(size), -digits);
  return number < 0 && result !== 0 ? -result : result;
}

function shifted(number: number, places: number): number {
  const [mantissa, exponent = '0'] = String(number).split('e');
  return Number(`${mantissa}e${Number(exponent) + places}`);
}
