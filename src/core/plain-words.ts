import type * as z from 'zod';
import { closestName } from '#core/closest-name';
import { MOST_NAMED_FIELDS } from '#core/errors';

/** How the words about a field begin that does not exist. */
export const NO_FIELD = 'There is no such field here';

/** Most fields that an answer lists; more would hide what is wrong. */
const MOST_LISTED = 25;

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

/** What is wrong with a value and what to change, for people who do not know our schemas. */
export function plainWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input !== undefined) return `This must be ${kindOf(issue.expected)}.`;
      return issue.path?.length
        ? `This field is missing. Give ${kindOf(issue.expected)}.`
        : `Send ${kindOf(issue.expected)} as JSON in the body.`;
    case 'invalid_value':
      return `This must be ${listed(issue.values)}.`;
    case 'invalid_union':
      return issue.input === undefined && issue.path?.length
        ? 'This field is missing.'
        : unionWords(issue);
    case 'too_small':
      return `${measure(issue.origin)} at least ${issue.minimum}${unit(issue.origin, Number(issue.minimum))}.`;
    case 'too_big':
      return `${measure(issue.origin)} at most ${issue.maximum}${unit(issue.origin, Number(issue.maximum))}.`;
    case 'unrecognized_keys':
      // A line for each field that is named, in their order.
      return issue.keys
        .slice(0, MOST_NAMED_FIELDS)
        .map((key) => unknownField(key, fieldsOf(issue.inst)))
        .join('\n');
    case 'invalid_format':
      return formats[issue.format];
    default:
      return undefined;
  }
}

const formats: Readonly<Record<string, string>> = {
  datetime: 'Give a time such as 2027-01-31T09:00:00Z.',
  url: 'This is not a URL.',
  email: 'This is not an e-mail address.',
};

function unionWords(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string {
  const { options } = issue as { options?: readonly unknown[] };
  return options ? `This must be ${listed(options)}.` : 'This is none of the kinds that fit here.';
}

function unknownField(key: string, fields: readonly string[]): string {
  const meant = closestName(key, fields);
  if (meant !== undefined) return `${NO_FIELD}. Did you mean ${meant}?`;
  const known = fields.length <= MOST_LISTED ? fields.join(', ') : '';
  return `${NO_FIELD}; remove it.${known && ` The fields here are: ${known}.`}`;
}

function fieldsOf(schema: unknown): string[] {
  const { def } = (schema as { _zod?: { def?: { shape?: object } } } | undefined)?._zod ?? {};
  return Object.keys(def?.shape ?? {});
}

function kindOf(expected: string): string {
  return kinds[expected] ?? expected;
}

function listed(values: readonly unknown[]): string {
  const names = values.map((value) => JSON.stringify(value));
  if (names.length <= 1) return names.join('');
  return `one of ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function measure(origin: string): string {
  return origin === 'string' || origin === 'array' ? 'This must have' : 'This must be';
}

function unit(origin: string, count: number): string {
  if (origin === 'string') return count === 1 ? ' character' : ' characters';
  if (origin === 'array') return count === 1 ? ' entry' : ' entries';
  return '';
}
