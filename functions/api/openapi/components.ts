import * as z from 'zod';
import { Problem } from '#core/api/shared';
import { requestErrorStatus } from '#core/errors';

/** JSON of a document, of any shape. */
export type Json = Record<string, unknown>;

/** The named parts of a document, which grow while its operations are written down. */
export type Components = {
  readonly schemas: Record<string, Json>;
  /** The JSON Schema of what callers send, or of what they get; named schemas become references. */
  schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json;
};

/** Components without any schema yet. */
export function newComponents(): Components {
  const schemas: Record<string, Json> = {};

  function add(name: string, schema: Json): void {
    const known = schemas[name];
    const { id: _, ...rest } = schema;
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(rest)) {
      throw new Error(`two different schemas are named ${name}`);
    }
    schemas[name] = rest;
  }

  return {
    schemas,
    schemaOf(schema, io) {
      const made = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
      const { $schema: _, $defs = {}, ...own } = adapt(made, io) as Json;
      for (const [name, definition] of Object.entries($defs as Record<string, Json>)) {
        add(name, definition);
      }
      const name = own['id'];
      if (typeof name !== 'string') return own;
      add(name, own);
      return reference(name);
    },
  };
}

function reference(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

/**
 * References point into the document. What callers get may have further fields one day, so that
 * clients must not be made to refuse them; what they send may not.
 */
function adapt(value: unknown, io: 'input' | 'output'): unknown {
  if (Array.isArray(value)) return value.map((item) => adapt(item, io));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    if (key === '$ref') return [[key, String(inner).replace('#/$defs/', '#/components/schemas/')]];
    if (key === 'additionalProperties' && inner === false && io === 'output') return [];
    return [[key, adapt(inner, io)]];
  });
  return Object.fromEntries(entries);
}

type Code = keyof typeof requestErrorStatus | 'internal';

/** What each error means and how it reads, by code. */
const errors: Record<Code, { readonly description: string; readonly message: string }> = {
  invalid_request: {
    description: 'Malformed: details.fields names each bad field by its path.',
    message: 'actions[0].config.url: This is not a URL.',
  },
  unauthorized: {
    description: 'The access token, the API key or the secret is missing, wrong or expired.',
    message: 'Send an access token or an API key: Authorization: Bearer <token>.',
  },
  insufficient_credits: {
    description: 'Not enough credits.',
    message: 'The balance is used up. Add credits.',
  },
  forbidden: {
    description: 'Your role, or an API key, may not do this.',
    message: 'Only an admin may do this.',
  },
  not_found: {
    description: "There is no such thing, or it is somebody else's.",
    message: 'There is no such agent.',
  },
  conflict: {
    description: 'Does not fit the present state.',
    message: 'This agent is disabled. Enable it to run it.',
  },
  precondition_failed: {
    description: 'If-Match names another version than the stored one.',
    message: 'The agent is at version 4 now, not 3. Read it again and repeat the change.',
  },
  payload_too_large: {
    description: 'The body is too large.',
    message: 'This request body may have at most 1024 KiB.',
  },
  unsupported_media_type: {
    description: 'The body is not JSON.',
    message: 'Send the body as JSON, with Content-Type: application/json.',
  },
  beyond_plan: {
    description: 'Valid, but not on this plan.',
    message: 'This plan allows a schedule every 15 minutes at most.',
  },
  rate_limited: {
    description: 'Too many requests: try again after Retry-After seconds.',
    message: 'This webhook takes 100 calls a minute. Try again in a minute.',
  },
  quota_exceeded: {
    description: "The plan's runs of this month or this hour are used up.",
    message: 'The free plan has 60 runs an hour, and they are used up.',
  },
  unavailable: {
    description: 'Something we need does not work now: try again after Retry-After seconds.',
    message: 'Not working now: run_queue.',
  },
  internal: {
    description: 'A fault of ours. Try again; if it stays, name the request id.',
    message: 'Something went wrong on our side. Try again; if it stays, name the request id.',
  },
};

/** Codes whose answers say when to try again. */
const passing: readonly Code[] = ['rate_limited', 'quota_exceeded', 'unavailable'];

const RETRY_AFTER = {
  'Retry-After': { description: 'Seconds after which to try again.', schema: { type: 'integer' } },
};

/** What an answer about a rate says besides. */
const RATE_LIMIT = {
  'RateLimit-Limit': { description: 'Requests at once.', schema: { type: 'integer' } },
  'RateLimit-Policy': {
    description: 'The same, and the seconds that it is for.',
    schema: { type: 'string' },
  },
  'RateLimit-Remaining': { description: 'Requests that are left.', schema: { type: 'integer' } },
  'RateLimit-Reset': {
    description: 'Seconds until there are more.',
    schema: { type: 'integer' },
  },
};

/** The answers that error codes lead to, by status; several codes may share one. */
export function errorAnswers(codes: readonly Code[], components: Components): Record<string, Json> {
  const answers: Record<string, Json> = {};
  for (const code of codes) {
    const status = code === 'internal' ? 500 : requestErrorStatus[code];
    const answer = errorAnswer(code, components);
    const before = answers[status];
    answers[status] = before
      ? { ...before, description: `${before['description']} ${answer['description']}` }
      : answer;
  }
  return answers;
}

function errorAnswer(code: Code, components: Components): Json {
  const { description, message } = errors[code];
  const details = code === 'invalid_request' && {
    details: { fields: [{ path: 'actions[0].config.url', message: 'This is not a URL.' }] },
  };
  const example = { error: { code, message, ...details, request_id: 'JKJaXmPLvHcESHA=' } };
  const schema = components.schemaOf(Problem, 'output');
  const headers = { ...RETRY_AFTER, ...(code === 'rate_limited' && RATE_LIMIT) };
  return {
    description,
    ...(passing.includes(code) && { headers }),
    content: { 'application/json': { schema, example } },
  };
}

/** All codes, to be named in the document. */
export const errorCodes = Object.keys(errors) as Code[];
