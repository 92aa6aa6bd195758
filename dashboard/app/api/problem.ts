import type { Problem } from '#dashboard/app/api/generated/api.ts';
import { messageInWords, nameOf } from '#dashboard/app/forms/words.ts';

/** A field that the API refused, by its path in the body, such as `actions[0].config.url`. */
export type FieldProblem = { readonly path: string; readonly message: string };

/** The API's answer when it did not do what it was asked to. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  readonly code: string;
  readonly requestId: string | undefined;
  readonly fields: readonly FieldProblem[];

  constructor(status: number, problem: Problem['error'] | undefined) {
    super(problem?.message ?? unknownProblem(status));
    this.status = status;
    this.code = problem?.code ?? 'internal';
    this.requestId = problem?.request_id;
    this.fields = (problem?.details?.['fields'] as readonly FieldProblem[] | undefined) ?? [];
  }
}

/**
 * What is wrong with single fields, in words for people, without those that were changed since.
 *
 * @param refused what was sent when the error came, in which the problems' paths lead to values
 * @param now the same as it is now
 */
export function problemsLeft(
  error: unknown,
  refused: unknown,
  now: unknown,
): readonly FieldProblem[] {
  if (!(error instanceof ProblemError)) return [];
  const isAsItWas = (path: string) =>
    JSON.stringify(valueAt(refused, path)) === JSON.stringify(valueAt(now, path));
  return error.fields
    .filter((problem) => placesOf(problem).every(isAsItWas))
    .map(({ path, message }) => ({ path, message: messageInWords(message) }));
}

/** The field itself, and those beside it that the message names: any of them may be what is changed. */
function placesOf({ path, message }: FieldProblem): readonly string[] {
  const parent = path.slice(0, path.lastIndexOf('.') + 1);
  return [path, ...(message.match(/[a-z_]+/g) ?? []).map((name) => parent + name)];
}

function valueAt(value: unknown, path: string): unknown {
  const parts = path.match(/[^.[\]"]+/g) ?? [];
  return parts.reduce<unknown>(
    (inner, part) => (inner as Readonly<Record<string, unknown>> | null | undefined)?.[part],
    value,
  );
}

/** No answer came: the network, or the server, is away. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  constructor(options: ErrorOptions) {
    super('The server cannot be reached. Check your connection, then try again.', options);
  }
}

export function isProblem(value: unknown): value is Problem {
  const error = (value as { error?: { message?: unknown } } | null | undefined)?.error;
  return typeof error?.message === 'string';
}

/** What to tell people about an error of any kind. */
export function messageOf(error: unknown): string {
  if (error instanceof ProblemError && error.fields.length > 0) {
    return error.fields
      .map(({ path, message }) => `${nameOf(path)}: ${messageInWords(message)}`)
      .join(' ');
  }
  return error instanceof Error ? error.message : 'Something went wrong. Try again.';
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ProblemError && error.status === 404;
}

function unknownProblem(status: number): string {
  return status >= 500
    ? 'The server has a problem right now. Try again in a moment.'
    : `The server answered ${status}.`;
}
