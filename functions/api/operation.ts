import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import { jsonAnswer, textAnswer } from '#adapters/http-answer';
import type { Authenticate, Caller } from '#adapters/tokens';
import { RequestError, type RequestErrorCode } from '#core/errors';
import { parseRequest } from '#core/field-path';
import { isNestedTooDeeply, MAX_JSON_DEPTH } from '#core/json-depth';

/** Largest request body, in bytes, unless an operation says otherwise. */
const MAX_BODY_BYTES = 1_048_576;

/** Largest body that holds a definition: checking one takes time that grows with its size. */
export const MAX_DEFINITION_BODY_BYTES = 204_800;

/** What an operation gets: everything checked. */
export type Call<Query, Body> = {
  readonly caller: Caller;
  /** From the path; not checked, because look-ups treat an impossible id like an unknown one. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The address that the request came from. */
  readonly sourceIp: string;
  /** Milliseconds that the invocation still has. */
  readonly msLeft: () => number;
};

/** One way in which an operation answers when it goes well. */
export type AnswerOutline = {
  readonly description: string;
  /** Left out where there is no body. */
  readonly schema?: z.ZodType;
  /** @default application/json */
  readonly contentType?: 'text/html';
  /** What its headers say, by name. */
  readonly headers?: Readonly<Record<string, string>>;
};

type Answers = Readonly<Record<number, AnswerOutline>>;

type AnswerOf<Given extends Answers> = {
  [Status in keyof Given & number]: {
    readonly status: Status;
    readonly headers?: Readonly<Record<string, string>>;
  } & (Given[Status] extends { readonly schema: infer Schema extends z.ZodType }
    ? { readonly body: z.output<Schema> }
    : { readonly body?: undefined });
}[keyof Given & number];

/** An answer whose status the compiler knows. */
export function reply<Status extends number>(status: Status): { readonly status: Status };
export function reply<Status extends number, Body>(
  status: Status,
  body: Body,
  headers?: Readonly<Record<string, string>>,
): {
  readonly status: Status;
  readonly body: Body;
  readonly headers: Readonly<Record<string, string>>;
};
export function reply(status: number, body?: unknown, headers = {}): unknown {
  return { status, body, headers };
}

/** Groups of operations, in the order in which they are read. */
export const tags = [
  'Agents',
  'Templates',
  'Runs',
  'Approvals',
  'Webhooks',
  'Connections',
  'Insight',
  'Usage',
  'Account',
  'Admin',
  'About',
] as const;

/** Everything that is known about an operation before it is called. */
export type OperationOutline = {
  /** Names it in the OpenAPI document, for clients that are made from it. */
  readonly id: string;
  readonly tag: (typeof tags)[number];
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: `/${string}`;
  /** Whether it answers without a token. */
  readonly isPublic: boolean;
  /** Whether only the role admin may call it. */
  readonly isAdminOnly: boolean;
  /** Whether only somebody who has signed in may call it, and no API key. */
  readonly isForPeople: boolean;
  /** One line. */
  readonly summary: string;
  /** What the summary leaves out. */
  readonly description: string;
  /** Request headers that mean something, by name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: z.ZodType;
  /** Undefined where a request has no body: then only an empty one is taken. */
  readonly body: z.ZodType | undefined;
  readonly answers: Answers;
  /** What may go wrong besides what the other fields imply. */
  readonly errors: readonly RequestErrorCode[];
};

/** One operation of the HTTP API: routing, validation and the documents derive from this value. */
export type Operation = OperationOutline & {
  answer(
    event: APIGatewayProxyEventV2,
    authenticate: Authenticate,
    msLeft: () => number,
  ): Promise<APIGatewayProxyStructuredResultV2>;
};

type Definition<Query extends z.ZodType, Body extends z.ZodType, Given extends Answers> = Omit<
  OperationOutline,
  | 'isPublic'
  | 'isAdminOnly'
  | 'isForPeople'
  | 'description'
  | 'headers'
  | 'query'
  | 'body'
  | 'answers'
  | 'errors'
> &
  Partial<
    Pick<
      OperationOutline,
      'isPublic' | 'isAdminOnly' | 'isForPeople' | 'description' | 'headers' | 'errors'
    >
  > & {
    /** Left out where there is none: then every parameter is refused. */
    readonly query?: Query;
    /** Left out where a request has no body. */
    readonly body?: Body;
    /** @default 1 MiB */
    readonly maxBodyBytes?: number;
    readonly answers: Given;
    handle(call: Call<z.output<Query>, z.output<Body>>): Promise<AnswerOf<Given>>;
  };

const NOBODY: Caller = { userId: '', isAdmin: false };
const NoQuery = z.strictObject({});

/** For operations without a body: some clients always send an object. */
const NoBody = z.strictObject({}).optional();

/** An operation whose door checks the caller, the query and the body before it is handled. */
export function defineOperation<
  const Given extends Answers,
  Query extends z.ZodType = typeof NoQuery,
  Body extends z.ZodType = z.ZodUndefined,
>(definition: Definition<Query, Body, Given>): Operation {
  const { handle, maxBodyBytes = MAX_BODY_BYTES, ...given } = definition;
  const outline = {
    isPublic: false,
    isAdminOnly: false,
    isForPeople: false,
    description: '',
    headers: {},
    errors: [],
    query: NoQuery as z.ZodType,
    body: undefined,
    ...given,
  };
  const { isPublic, isAdminOnly, isForPeople, method, query, body = NoBody, answers } = outline;
  return {
    ...outline,
    async answer(event, authenticate, msLeft) {
      const caller = isPublic ? NOBODY : await authenticate(event.headers['authorization']);
      if (isAdminOnly && !caller.isAdmin) {
        throw new RequestError('forbidden', 'Only the role admin may do this.');
      }
      if (isForPeople && caller.apiKeyId !== undefined) {
        throw new RequestError(
          'forbidden',
          'An API key may not do this. Sign in, and send your access token.',
        );
      }
      const result = await handle({
        caller,
        params: pathParameters(event),
        query: parseRequest(query, event.queryStringParameters ?? {}) as z.output<Query>,
        body: (method === 'GET'
          ? undefined
          : parseRequest(body, readJson(event, maxBodyBytes))) as z.output<Body>,
        headers: event.headers,
        sourceIp: event.requestContext.http.sourceIp,
        msLeft,
      });
      return render(result, answers[result.status]?.contentType);
    },
  };
}

function render(
  result: { status: number; body?: unknown; headers?: Readonly<Record<string, string>> },
  contentType: string | undefined,
): APIGatewayProxyStructuredResultV2 {
  const { status, body, headers = {} } = result;
  if (body === undefined) return { statusCode: status, headers: { ...headers } };
  if (contentType === undefined) return jsonAnswer(status, body, headers);
  return textAnswer(status, `${contentType}; charset=utf-8`, String(body), headers);
}

function pathParameters(event: APIGatewayProxyEventV2): Record<string, string> {
  return { ...(event.pathParameters as Record<string, string> | undefined) };
}

/** @throws RequestError for a body that is too large, of another type, or not JSON */
function readJson(event: APIGatewayProxyEventV2, maxBytes: number): unknown {
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (body.length === 0) return undefined;
  if (body.length > maxBytes) {
    throw new RequestError(
      'payload_too_large',
      `This request body may have at most ${maxBytes / 1_024} KiB.`,
    );
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

/** The name as it is, or something that may spell it: escapes in the text. */
const MAY_NAME_PROTOTYPE = /__proto__|\\u/;

function parseJson(text: string): unknown {
  if (isNestedTooDeeply(text)) {
    throw new RequestError(
      'invalid_request',
      `The JSON body is nested more than ${MAX_JSON_DEPTH} levels deep; make it flatter.`,
    );
  }
  try {
    return JSON.parse(text, MAY_NAME_PROTOTYPE.test(text) ? refusePrototype : undefined);
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
