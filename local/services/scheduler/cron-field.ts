/** The values of one field of a cron expression. */
export type FieldRange = {
  readonly first: number;
  readonly last: number;
  /** Of the values, beginning with `first`. */
  readonly names?: readonly string[];
};

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** Every field of EventBridge's cron expressions. */
export const RANGES = {
  minute: { first: 0, last: 59 },
  hour: { first: 0, last: 23 },
  dayOfMonth: { first: 1, last: 31 },
  month: { first: 1, last: 12, names: MONTHS },
  dayOfWeek: { first: 1, last: 7, names: DAYS },
  year: { first: 1970, last: 2199 },
} as const satisfies Record<string, FieldRange>;

/**
 * The values of a list of numbers or names, ranges and steps (`1,5-7,10/15`), ascending.
 *
 * @returns undefined when it is not one.
 */
export function parseValues(text: string, range: FieldRange): number[] | undefined {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const some = parsePart(part, range);
    if (!some) return undefined;
    for (const value of some) values.add(value);
  }
  return [...values].toSorted((a, b) => a - b);
}

/** One number or name. @returns undefined when it is not one of the range. */
export function parseValue(
  text: string,
  { first, last, names = [] }: FieldRange,
): number | undefined {
  const place = names.indexOf(text.toUpperCase());
  if (place >= 0) return first + place;
  if (!/^\d{1,4}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= first && value <= last ? value : undefined;
}

function parsePart(part: string, range: FieldRange): number[] | undefined {
  const [span = '', stepText, ...more] = part.split('/');
  if (more.length > 0) return undefined;
  const bounds = parseSpan(span, range, stepText !== undefined);
  const step = stepText === undefined ? 1 : parseStep(stepText, range);
  if (!bounds || step === undefined) return undefined;
  const [start, end] = bounds;
  if (start > end) return undefined;
  return Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, n) => start + n * step);
}

/** With a step, a single value begins a range that lasts to the field's end. */
function parseSpan(span: string, range: FieldRange, isOpen: boolean): [number, number] | undefined {
  if (span === '*') return [range.first, range.last];
  const [from = '', to, ...more] = span.split('-');
  const start = parseValue(from, range);
  const end = to === undefined ? start : parseValue(to, range);
  if (start === undefined || end === undefined || more.length > 0) return undefined;
  return [start, to === undefined && isOpen ? range.last : end];
}

function parseStep(text: string, { last }: FieldRange): number | undefined {
  const step = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return step >= 1 && step <= last ? step : undefined;
}
