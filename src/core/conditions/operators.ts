import { isDeepStrictEqual } from 'node:util';
import { ActionRejectedError } from '#core/errors';
import { containsText } from '#core/text-search';

/** Every way to compare two values. */
export const operators = [
  'equals',
  'not_equals',
  'contains',
  'not_contains',
  'starts_with',
  'ends_with',
  'greater_than',
  'less_than',
  'exists',
  'not_exists',
  'is_true',
  'is_false',
  'in',
] as const;
/** One of {@link operators}. */
export type Operator = (typeof operators)[number];

/**
 * Compares two JSON values. Texts are compared with their case; a number equals the text that says
 * it, because data from forms and queries arrives as text.
 *
 * @throws ActionRejectedError when the values are of kinds that the operator cannot compare.
 */
export function compare(op: Operator, left: unknown, right: unknown): boolean {
  switch (op) {
    case 'equals':
      return isSame(left, right);
    case 'not_equals':
      return !isSame(left, right);
    case 'contains':
      return contains(left, right, op);
    case 'not_contains':
      return !contains(left, right, op);
    case 'in':
      return contains(right, left, op);
    case 'starts_with':
      return textOf(left, 'left', op).startsWith(textOf(right, 'right', op));
    case 'ends_with':
      return textOf(left, 'left', op).endsWith(textOf(right, 'right', op));
    case 'greater_than':
      return order(left, right, op) > 0;
    case 'less_than':
      return order(left, right, op) < 0;
    case 'is_true':
      return left === true || left === 'true';
    case 'is_false':
      return left === false || left === 'false';
    case 'exists':
      return left !== null;
    case 'not_exists':
      return left === null;
  }
}

function isSame(left: unknown, right: unknown): boolean {
  if (isDeepStrictEqual(left, right)) return true;
  const [text, other] = typeof left === 'string' ? [left, right] : [right, left];
  if (typeof text !== 'string') return false;
  if (typeof other === 'number') return numberOf(text) === other;
  return typeof other === 'boolean' && text === String(other);
}

/** A text in a text, an entry in a list, a name in an object. */
function contains(whole: unknown, part: unknown, op: Operator): boolean {
  if (typeof whole === 'string') return containsText(whole, textOf(part, 'the other side', op));
  if (Array.isArray(whole)) return whole.some((entry) => isSame(entry, part));
  if (typeof whole === 'object' && whole !== null) return Object.hasOwn(whole, String(part));
  throw cannot(op, op === 'in' ? 'right' : 'left', 'a text, a list or an object', whole);
}

/** Below, at or above zero; numbers by size, times by date. */
function order(left: unknown, right: unknown, op: Operator): number {
  const numbers = [numberOf(left), numberOf(right)] as const;
  if (numbers[0] !== undefined && numbers[1] !== undefined) return numbers[0] - numbers[1];
  const times = [timeOf(left), timeOf(right)] as const;
  if (times[0] !== undefined && times[1] !== undefined) return times[0] - times[1];
  const isLeft = numbers[0] === undefined && times[0] === undefined;
  const [side, value] = isLeft ? (['left', left] as const) : (['right', right] as const);
  throw cannot(op, side, 'a number, or both sides a date such as 2027-01-31', value);
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.length > 30) return undefined;
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value) ? Number(value) : undefined;
}

const ISO_TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || !ISO_TIME.test(value)) return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : time;
}

function textOf(value: unknown, side: string, op: Operator): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw cannot(op, side, 'a text', value);
}

function cannot(op: Operator, side: string, wanted: string, value: unknown): ActionRejectedError {
  const found = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
  return new ActionRejectedError(
    `The condition cannot be evaluated: for ${op}, ${side} must be ${wanted}, but it is ${found}.`,
  );
}
