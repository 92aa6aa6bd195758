import type * as z from 'zod';
import { ActionRejectedError } from '#core/errors';
import { problemsOf } from '#core/field-path';
import { plainWords } from '#core/plain-words';

/** Most problems that an error names. */
const MOST_TOLD = 5;

/**
 * A resolved config as its schema gives it. A placeholder's value may be of a kind that the schema
 * refuses, which is known only now; a number, or true or false, in the place of a text is meant as one.
 *
 * @throws ActionRejectedError that names the fields, and what they must be
 */
export function checkedConfig<Schema extends z.ZodType>(
  schema: Schema,
  config: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(config, { error: plainWords });
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const isMeant = issues.every((issue) => isPlainValue(issue, config));
  const again = isMeant ? schema.safeParse(asTexts(config, issues), { error: plainWords }) : parsed;
  if (again.success) return again.data;
  const problems = problemsOf(again.error.issues, 'config').map(
    ({ path, message }) => `${path}: ${message}`,
  );
  throw new ActionRejectedError(
    `The resolved config is not valid. ${problems.slice(0, MOST_TOLD).join(' ')}`,
  );
}

function isPlainValue(issue: z.core.$ZodIssue, config: unknown): boolean {
  if (issue.code !== 'invalid_type' || issue.expected !== 'string') return false;
  const value = issue.path.reduce<unknown>((inner, part) => Object(inner)[part], config);
  return typeof value === 'number' || typeof value === 'boolean';
}

function asTexts(config: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  return issues.reduce((value, { path }) => withText(value, path), config);
}

function withText(value: unknown, [part, ...rest]: readonly PropertyKey[]): unknown {
  if (part === undefined) return String(value);
  const inner = withText(Object(value)[part], rest);
  if (Array.isArray(value)) return value.with(Number(part), inner);
  return { ...Object(value), [part]: inner };
}
