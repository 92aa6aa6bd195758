import { TemplateError, TemplateWorkError } from './template-error.ts';

/** How deeply a resolved value may be nested; a list or object inside another is one level. */
export const deepestNesting = 64;

/** What one resolution may still produce and do; shared by all placeholders of a value. */
export type Meter = {
  /** The most bytes that the result, or any value on the way to it, may take. */
  readonly maxBytes: number;
  /** Bytes that the result may still grow by, as compact JSON in UTF-8. */
  bytesLeft: number;
  /** Characters that filters may still look at; what costs more counts as several. */
  workLeft: number;
};

/** About half a second, spent on the cheapest to the dearest filter. */
const mostWork = 64 * 1_048_576;

/** A meter for one result. Work is capped too: many placeholders may read one large value. */
export function meterFor(maxBytes: number): Meter {
  return { maxBytes, bytesLeft: maxBytes, workLeft: mostWork };
}

/** Counts what is about to be looked at, and stops a resolution that would take too long. */
export function chargeWork(meter: Meter, amount: number): void {
  meter.workLeft -= amount;
  if (meter.workLeft < 0) {
    throw new TemplateWorkError('this takes too much work: use fewer placeholders on large values');
  }
}

/** Stops a value on the way that is certainly too large: `size` in characters or bytes. */
export function checkSize(meter: Meter, size: number): void {
  if (size > meter.maxBytes) refuseSize(meter);
}

function refuseSize(meter: Meter): never {
  throw new TemplateError(
    `the result is larger than ${meter.maxBytes} bytes: use a smaller part of the value, or the filter truncate`,
  );
}

function spendBytes(meter: Meter, amount: number): void {
  meter.bytesLeft -= amount;
  if (meter.bytesLeft < 0) refuseSize(meter);
}

/** The kinds of JSON values, as words for messages; `other` is no JSON at all. */
export type Kind = 'text' | 'number' | 'true or false' | 'null' | 'list' | 'object' | 'other';

/** Which kind of JSON value this is. Objects with a prototype of their own are `other`. */
export function kindOf(value: unknown): Kind {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean') return 'true or false';
  if (typeof value === 'number') return Number.isFinite(value) ? 'number' : 'other';
  if (typeof value !== 'object') return 'other';
  if (Array.isArray(value)) return 'list';
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? 'object' : 'other';
}

/** Whether this is an object as JSON has it. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return kindOf(value) === 'object';
}

/**
 * What {@link copyJson} does with a text: gives the value that takes its place.
 *
 * @param field name of the nearest property that holds the text; empty when none does
 */
export type TextResolver = (text: string, depth: number, field: string) => unknown;

/**
 * A deep copy that shares nothing with `value` and holds JSON only. As `JSON.stringify` does, it
 * leaves out properties that are `undefined`. A key `__proto__` stays what it is in JSON: data.
 *
 * Counts the exact bytes of the copy as compact JSON; throws {@link TemplateError} when it grows
 * beyond the meter, is nested too deeply, or holds what JSON cannot.
 */
export function copyJson(
  value: unknown,
  meter: Meter,
  depth = 0,
  resolveText?: TextResolver,
  field = '',
): unknown {
  switch (kindOf(value)) {
    case 'text': {
      const text = value as string;
      if (resolveText !== undefined) return resolveText(text, depth, field);
      spendBytes(meter, jsonTextBytes(text));
      return text;
    }
    case 'list':
      return copyList(value as readonly unknown[], meter, deeper(depth), resolveText, field);
    case 'object':
      return copyObject(value as Record<string, unknown>, meter, deeper(depth), resolveText);
    case 'other':
      throw new TemplateError(`the value holds something that is not JSON (${typeof value})`);
    default:
      spendBytes(meter, String(value).length);
      return value;
  }
}

function deeper(depth: number): number {
  if (depth < deepestNesting) return depth + 1;
  throw new TemplateError(`the value is nested more than ${deepestNesting} levels deep`);
}

function copyList(
  list: readonly unknown[],
  meter: Meter,
  depth: number,
  resolveText: TextResolver | undefined,
  field: string,
): unknown[] {
  spendBytes(meter, list.length + (list.length === 0 ? 2 : 1));
  const copy: unknown[] = [];
  for (const item of list) {
    copy.push(copyJson(item === undefined ? null : item, meter, depth, resolveText, field));
  }
  return copy;
}

function copyObject(
  object: Readonly<Record<string, unknown>>,
  meter: Meter,
  depth: number,
  resolveText: TextResolver | undefined,
): Record<string, unknown> {
  const keys = Object.keys(object).filter((key) => object[key] !== undefined);
  spendBytes(meter, keys.length * 2 + (keys.length === 0 ? 2 : 1));
  const copy: Record<string, unknown> = {};
  for (const key of keys) {
    spendBytes(meter, jsonTextBytes(key));
    setOwn(copy, key, copyJson(object[key], meter, depth, resolveText, key));
  }
  return copy;
}

/** Plain assignment to `__proto__` would change the prototype instead of adding a property. */
function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') {
    object[key] = value;
    return;
  }
  Object.defineProperty(object, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

/** Compact JSON of any value, capped like every value on the way to a result. */
export function jsonText(value: unknown, meter: Meter): string {
  const own: Meter = { ...meter, bytesLeft: meter.maxBytes };
  const copy = copyJson(value, own);
  chargeWork(meter, 4 * (meter.maxBytes - own.bytesLeft));
  return JSON.stringify(copy);
}

/**
 * How a value reads inside a text: text as it is, numbers and `true`/`false` as in JSON, `null`
 * as `null` (`default: ""` hides it), lists and objects as compact JSON.
 */
export function textOf(value: unknown, meter: Meter): string {
  if (typeof value === 'string') return value;
  const kind = kindOf(value);
  return kind === 'number' || kind === 'true or false' || kind === 'null'
    ? String(value)
    : jsonText(value, meter);
}

/** Bytes of a text as a JSON string in UTF-8, quotes and escapes included. */
function jsonTextBytes(text: string): number {
  let bytes = text.length + 2;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 0x20 && code < 0x80 && code !== 0x22 && code !== 0x5c) continue;
    if ((code & 0xfc00) === 0xd800 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00) {
      bytes += 2;
      index += 1;
    } else {
      bytes += bytesBeyondOne(code);
    }
  }
  return bytes;
}

/** What a code unit that is no half of a pair takes beyond one byte, escaped as JSON does. */
function bytesBeyondOne(code: number): number {
  if (code === 0x22 || code === 0x5c) return 1;
  if (code < 0x20) return code >= 0x08 && code <= 0x0d && code !== 0x0b ? 1 : 5;
  if (code < 0x800) return 1;
  return (code & 0xf800) === 0xd800 ? 5 : 2;
}
