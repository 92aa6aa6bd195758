import type { Rate } from '#core/limits/rates';

/**
 * Root of every error we throw on purpose. Anything else that reaches a boundary is a bug of ours.
 *
 * `name` is a literal in each subclass: bundlers rename classes, while logs, alarms and Step
 * Functions match on this string.
 */
export abstract class AppError extends Error {
  abstract override readonly name: `${string}Error`;
}

/** The other side, or the agent's own definition, is wrong. Trying again cannot help. */
export class ActionRejectedError extends AppError {
  override readonly name = 'ActionRejectedError';
  /** What the other side answered, kept as the failed step's output. */
  readonly output: unknown;

  constructor(message: string, options: ErrorOptions & { output?: unknown } = {}) {
    super(message, options);
    this.output = options.output;
  }
}

/** The other side is busy or unreachable. Trying again may help. */
export class ActionUnavailableError extends AppError {
  override readonly name = 'ActionUnavailableError';
  /** The wait that the provider asked for, when it asked. */
  readonly retryAfterSeconds: number | undefined;
  /** What the other side answered, kept as the step's output while nothing better is there. */
  readonly output: unknown;

  constructor(
    message: string,
    options: ErrorOptions & { retryAfterSeconds?: number; output?: unknown } = {},
  ) {
    super(message, options);
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.output = options.output;
  }
}

/** The run's owner has too few credits left for what comes next. */
export class InsufficientCreditsError extends AppError {
  override readonly name = 'InsufficientCreditsError';
}

/** The run has worked for as long as its agent lets it. */
export class RunTimeoutError extends AppError {
  override readonly name = 'RunTimeoutError';
}

/** Another worker owns this run now, or it is over: stop at once and write nothing more. */
export class ClaimLostError extends AppError {
  override readonly name = 'ClaimLostError';
}

/** Somebody asked to cancel this run: no further step may start. */
export class RunCancelledError extends AppError {
  override readonly name = 'RunCancelledError';
}

/**
 * One of our own stores did not answer while a step was executed. That is nobody's failed attempt: the claim is given
 * back and the step begins anew.
 */
export class StoreFaultError extends AppError {
  override readonly name = 'StoreFaultError';
}

/** One field of a request that is wrong, named by its JSON path. */
export type FieldProblem = {
  /** For example `actions[0].config.url`; empty for the whole body. */
  readonly path: string;
  readonly message: string;
};

/** A field of a config that is wrong for a reason that a schema cannot say. */
export type ConfigProblem = { readonly path: readonly PropertyKey[]; readonly message: string };

/** The codes of `error.code` in the API, each with the one HTTP status that it has. */
export const requestErrorStatus = {
  invalid_request: 400,
  unauthorized: 401,
  insufficient_credits: 402,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  precondition_failed: 412,
  payload_too_large: 413,
  unsupported_media_type: 415,
  beyond_plan: 422,
  rate_limited: 429,
  quota_exceeded: 429,
  unavailable: 503,
} as const;

/** A code of {@link requestErrorStatus}. */
export type RequestErrorCode = keyof typeof requestErrorStatus;

/** Our caller is wrong, or must wait: the message is for people and says what to change. */
export class RequestError extends AppError {
  override readonly name = 'RequestError';
  readonly code: RequestErrorCode;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  /** Seconds after which the same request may succeed; sent as `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;
  /** The rate that was exceeded, told in the `RateLimit` headers. */
  readonly rate: Rate | undefined;

  constructor(
    code: RequestErrorCode,
    message: string,
    options: ErrorOptions & {
      details?: Readonly<Record<string, unknown>>;
      retryAfterSeconds?: number;
      rate?: Rate;
    } = {},
  ) {
    super(message, options);
    this.rate = options.rate;
    this.code = code;
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Most bad fields that one answer names: a body of nothing else must not make an answer too large to send. */
export const MOST_NAMED_FIELDS = 100;

/** A request with fields that are not valid. */
class InvalidRequestError extends RequestError {
  /** All of them, also those that an answer has no room for. */
  readonly fields: readonly FieldProblem[];

  constructor(message: string, fields: readonly FieldProblem[]) {
    const details = { fields: fields.slice(0, MOST_NAMED_FIELDS) };
    super('invalid_request', message, { details });
    this.fields = fields;
  }
}

/** 400 with each bad field named, up to {@link MOST_NAMED_FIELDS}. */
export function invalidRequest(fields: readonly FieldProblem[]): RequestError {
  const first = fields[0];
  const more = fields.length > 1 ? ` (and ${fields.length - 1} more)` : '';
  const where = first?.path ? `${first.path}: ` : '';
  const message = `${where}${first?.message ?? 'The request is not valid.'}${more}`;
  return new InvalidRequestError(message, fields);
}

/**
 * Makes checks of different parts of a request, and says of all of them at once what is wrong.
 *
 * @returns what each of them gives
 * @throws RequestError `invalid_request` with the bad fields of all; anything else that a check throws
 */
export function checkTogether<Results extends readonly unknown[]>(
  ...checks: { readonly [Place in keyof Results]: () => Results[Place] }
): Results {
  const problems: FieldProblem[] = [];
  const results = checks.map((check) => {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof InvalidRequestError)) throw error;
      problems.push(...error.fields);
      return undefined;
    }
  });
  if (problems.length > 0) throw invalidRequest(problems);
  return results as unknown as Results;
}

/** 404, the same for what never existed and for what belongs to somebody else. */
export function notFound(
  what:
    | 'agent'
    | 'version'
    | 'run'
    | 'approval'
    | 'connection'
    | 'key'
    | 'address'
    | 'template'
    | 'route',
): RequestError {
  return new RequestError('not_found', `There is no such ${what}.`);
}
