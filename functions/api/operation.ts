import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type * as z from 'zod';
import { jsonAnswer } from '#adapters/http-answer';
import type { Authenticate, Caller } from '#adapters/tokens';
import { RequestError } from '#core/errors';
import { parseRequest } from '#core/field-path';

/** Largest request body, in bytes. */
const MAX_BODY_BYTES = 1_048_576;

/** What an operation gets: everything checked. */
export type Call<Query, Body> = {
  readonly caller: Caller;
  /** From the path; not checked, because look-ups treat an impossible id like an unknown one. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
};

/** What an operation answers. */
export type Answer = {
  readonly status: number;
  /** Left out for 204. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/** One operation of the HTTP API: routing, validation and the documents derive from this value. */
export type Operation = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: `/api/${string}`;
  /** Whether it answers without a token. */
  readonly isPublic: boolean;
  readonly summary: string;
  answer(
    event: APIGatewayProxyEventV2,
    authenticate: Authenticate,
  ): Promise<APIGatewayProxyStructuredResultV2>;
};

type Outline<Query extends z.ZodType, Body extends z.ZodType> = {
  readonly method: Operation['method'];
  readonly path: Operation['path'];
  readonly isPublic?: boolean;
  readonly summary: string;
  readonly query: Query;
  /** Left out where a request has no body. */
  readonly body?: Body;
  handle(call: Call<z.output<Query>, z.output<Body>>): Promise<Answer>;
};

const NOBODY: Caller = { userId: '', isAdmin: false };

/** An operation whose door checks the caller, the query and the body before it is handled. */
export function defineOperation<Query extends z.ZodType, Body extends z.ZodType = z.ZodUndefined>(
  outline: Outline<Query, Body>,
): Operation {
  const { method, path, isPublic = false, summary, query, body, handle } = outline;
  return {
    method,
    path,
    isPublic,
    summary,
    async answer(event, authenticate) {
      const caller = isPublic ? NOBODY : await authenticate(event.headers['authorization']);
      const result = await handle({
        caller,
        params: pathParameters(event),
        query: parseRequest(query, event.queryStringParameters ?? {}),
        body: (body && parseRequest(body, readJson(event))) as z.output<Body>,
        headers: event.headers,
      });
      if (result.body === undefined) return { statusCode: result.status };
      return jsonAnswer(result.status, result.body, result.headers);
    },
  };
}

function pathParameters(event: APIGatewayProxyEventV2): Record<string, string> {
  return { ...(event.pathParameters as Record<string, string> | undefined) };
}

/** @throws RequestError for a body that is too large, of another type, or not JSON */
function readJson(event: APIGatewayProxyEventV2): unknown {
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (body.length === 0) return undefined;
  if (body.length > MAX_BODY_BYTES) {
    throw new RequestError('payload_too_large', 'A request body may have at most 1 MiB.');
  }
  const type =
    event.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? 'application/json';
  if (type !== 'application/json') {
    throw new RequestError(
      'unsupported_media_type',
      'Send the body as JSON, with Content-Type: application/json.',
    );
  }
  return parseJson(body.toString('utf8'));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, text.includes('__proto__') ? refusePrototype : undefined);
  } catch (error) {
    if (error instanceof RequestError) throw error;
    throw new RequestError(
      'invalid_request',
      `The body is not valid JSON: ${(error as Error).message}.`,
    );
  }
}

/** A key that would change an object's prototype once somebody copies it carelessly. */
function refusePrototype(key: string, value: unknown): unknown {
  if (key !== '__proto__') return value;
  throw new RequestError('invalid_request', 'The body has a field named "__proto__"; remove it.');
}
