import { ScheduleError } from './schedule-error.ts';

/** One of the five places of a cron expression. */
export type CronField = {
  readonly label: string;
  readonly first: number;
  readonly last: number;
  /** Names in the order of their numbers, which start at `first`. */
  readonly names: readonly string[];
  /** Whether `?` may stand for `*`. */
  readonly day: boolean;
};

const field = (label: string, first: number, last: number): CronField => ({
  label,
  first,
  last,
  names: [],
  day: false,
});

/** In the order in which they are written. */
export const cronFields = {
  minute: field('minute', 0, 59),
  hour: field('hour', 0, 23),
  dayOfMonth: { ...field('day of month', 1, 31), day: true },
  month: {
    ...field('month', 1, 12),
    names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  },
  dayOfWeek: {
    ...field('day of week', 0, 7),
    names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
    day: true,
  },
} as const satisfies Record<string, CronField>;

/** What one field names. */
export type FieldValues = {
  /** Ascending; Sunday is 0. */
  readonly values: readonly number[];
  /** Whether it restricts nothing by being `*`. */
  readonly any: boolean;
  /** Whether it holds a `*` with a step. */
  readonly stepsOfAny: boolean;
};

/** @throws ScheduleError when the field is not unix cron. */
export function readField(text: string, field: CronField): FieldValues {
  const items = (text === '?' && field.day ? '*' : text).split(',');
  const values = new Set(items.flatMap((item) => valuesOf(item, field)));
  return {
    values: [...values].sort((one, other) => one - other),
    any: items.some((item) => item === '*' || item === '*/1'),
    stepsOfAny: items.some((item) => item.startsWith('*/')),
  };
}

function valuesOf(item: string, field: CronField): number[] {
  const { first, last, step } = readItem(item, field);
  const values: number[] = [];
  for (let value = first; value <= last; value += step) {
    values.push(field === cronFields.dayOfWeek ? value % 7 : value);
  }
  return values;
}

function readItem(item: string, field: CronField): { first: number; last: number; step: number } {
  if (item === '') throw wrong(field, 'a value is missing beside a comma; remove the comma.');
  const [range = '', step, ...steps] = item.split('/');
  const [from = '', to, ...others] = range.split('-');
  if (steps.length > 0 || others.length > 0) {
    throw wrong(field, `"${item}" cannot be read; write a range with a step as ${example(field)}.`);
  }
  if (range === '*') return withStep(field.first, lastOf(field), step, field);
  const first = numberOf(from, field);
  if (to === undefined) {
    if (step !== undefined) throw stepOfOneValue(item, first, step, field);
    return { first, last: first, step: 1 };
  }
  const last = endOfRange(to, first, field);
  if (last < first) throw backwards(range, first, last, field);
  return withStep(first, last, step, field);
}

function withStep(first: number, last: number, stepText: string | undefined, field: CronField) {
  if (stepText === undefined) return { first, last, step: 1 };
  if (!isNumber(stepText)) {
    throw wrong(field, `a step is a whole number of at least 1, so write ${example(field)}.`);
  }
  const step = Number(stepText);
  const size = last - first + 1;
  if (step === 0) throw wrong(field, 'a step of 0 never moves on; use at least 1.');
  if (step > size) {
    throw wrong(
      field,
      `a step of ${step} is longer than the range itself (${first}-${last}); use at most ${size}, or write ${first} alone.`,
    );
  }
  return { first, last, step };
}

function numberOf(text: string, field: CronField): number {
  const place = field.names.indexOf(text.toUpperCase());
  if (place >= 0) return place + field.first;
  if (!isNumber(text)) throw unreadable(text, field);
  const number = Number(text);
  if (number < field.first || number > field.last) {
    throw wrong(field, `${text} is out of range; use ${allowed(field)}.`);
  }
  return number;
}

/** Sunday ends a week as well as it starts one: FRI-SUN is 5-7. */
function endOfRange(text: string, first: number, field: CronField): number {
  const isSunday = field === cronFields.dayOfWeek && text.toUpperCase() === 'SUN';
  return isSunday && first > 0 ? 7 : numberOf(text, field);
}

function isNumber(text: string): boolean {
  return /^\d{1,3}$/.test(text);
}

/** The last value that is not another name of the first. */
function lastOf(field: CronField): number {
  return field === cronFields.dayOfWeek ? 6 : field.last;
}

function stepOfOneValue(item: string, first: number, step: string, field: CronField) {
  const last = lastOf(field);
  const advice = isNumber(step)
    ? `write ${first > last ? field.first : first}-${last}/${step} to go on to the end, or ${first} for one value.`
    : `write ${example(field)}.`;
  return wrong(field, `"${item}" has a step but no range; ${advice}`);
}

function backwards(range: string, first: number, last: number, field: CronField) {
  const end = lastOf(field);
  const instead = `${first > end ? '' : `${first}-${end},`}${field.first}-${last}`;
  return wrong(field, `the range "${range}" ends before it starts; write ${instead}.`);
}

function unreadable(text: string, field: CronField) {
  if (text === '?') {
    return wrong(field, '"?" can only stand alone, in the two day fields; write * here.');
  }
  if (field.day && /[LW#]/i.test(text)) {
    return wrong(field, `L, W and # are not unix cron ("${text}"); name the days, such as 1-7.`);
  }
  if (text === '') {
    return wrong(field, `a number is missing; write ${example(field)}, or * for all.`);
  }
  return wrong(field, `"${text}" is no value; use ${allowed(field)}.`);
}

function allowed(field: CronField): string {
  const names =
    field.names.length > 0 ? ` or ${field.names[0]}-${field.names[field.names.length - 1]}` : '';
  return `${field.first}-${field.last}${names}`;
}

function example(field: CronField): string {
  return `*/2 or ${field.first}-${lastOf(field)}/2`;
}

function wrong(field: CronField, message: string): ScheduleError {
  return new ScheduleError(`In the ${field.label} field: ${message}`);
}
