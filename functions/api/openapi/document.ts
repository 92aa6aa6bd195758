import { KEY_PREFIX } from '#core/api-keys';
import type { RequestErrorCode } from '#core/errors';
import {
  type Components,
  errorAnswers,
  errorCodes,
  type Json,
  newComponents,
} from '#functions/api/openapi/components';
import type {
  DocumentedAnswer,
  DocumentedOperation,
  OpenApiDocument,
} from '#functions/api/openapi/document-types';
import type { OperationExample } from '#functions/api/openapi/example';
import { examples } from '#functions/api/openapi/examples';
import { headersOf, type Parameter, pathParametersOf } from '#functions/api/openapi/parameters';
import { signatureSchemes, webhookOperation } from '#functions/api/openapi/webhook';
import { type Operation, tags } from '#functions/api/operation';

const INTRODUCTION = `Create agents (a trigger and a list of actions), run them, and see what they did.

Send an access token or, from programs, an API key with every request: \`Authorization: Bearer <token>\`. Bodies are JSON; unknown fields are refused.

An error is always \`{"error":{"code","message","details"?,"request_id"}}\`: the code is for programs, the message says what to change. Somebody else's id is answered like one that never existed. Under heavy load the gateway itself may answer 429 with \`{"message":"Too Many Requests"}\`.

Lists are \`{"items","next_cursor"}\`: repeat the request with \`cursor\` set to next_cursor until it is null.

Times are ISO 8601 in UTC with milliseconds. Durations end in _ms or _seconds.`;

const tagTexts: Record<(typeof tags)[number], string> = {
  Approvals: 'What waits for a person, and deciding it: signed in, or by a mailed link.',
  Agents: 'What you automate: a trigger and a list of actions, in versions.',
  Templates: 'What people start from: agents with parameters.',
  Runs: 'What happened: each run with its steps and its log.',
  Webhooks: 'Starting agents from outside.',
  Connections: 'Credentials for other services, which steps use and nobody sees.',
  Insight: 'How things go, and trying what will be done.',
  Usage: 'Your plan, your credits, and where they went.',
  Account: 'Your data as a whole.',
  Admin: 'For operators and billing systems, with the role admin.',
  About: 'The product itself.',
};

/**
 * The OpenAPI 3.1 document, made from the operations themselves, so that it lists what is there
 * and nothing else.
 */
export function openApiDocument(
  operations: readonly Operation[],
  about: { readonly url: string; readonly version: string },
): OpenApiDocument {
  const components = newComponents();
  const paths: Record<string, Record<string, DocumentedOperation>> = {};
  const add = (path: string, method: string, operation: DocumentedOperation) => {
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  };
  for (const operation of operations) {
    add(operation.path, operation.method, documented(operation, components));
  }
  const webhook = webhookOperation(components, exampleOf('deliverWebhook'));
  add(webhook.path, 'POST', webhook.operation);
  return {
    openapi: '3.1.1',
    info: { title: 'CrucibAI Agents', version: about.version, description: INTRODUCTION },
    servers: [{ url: about.url }],
    tags: tags.map((name) => ({ name, description: tagTexts[name] })),
    security: [{ bearer: [] }],
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT or crk_…',
          description: `The access token of whoever has signed in or, for programs, an API key: \`${KEY_PREFIX}…\`, made in the app or with POST /api/keys.`,
        },
        ...signatureSchemes,
      },
    },
  };
}

function exampleOf(id: string): OperationExample {
  const example = examples[id];
  if (example === undefined) throw new Error(`the operation ${id} has no example`);
  return example;
}

function documented(operation: Operation, components: Components): DocumentedOperation {
  const { id, tag, summary, description, isPublic, isAdminOnly } = operation;
  const example = exampleOf(id);
  const parameters = parametersOf(operation, example, components);
  const body = bodyOf(operation, example, components);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== '' && { description }),
    ...(isPublic && { security: [] }),
    // The list names roles.
    ...(isAdminOnly && { security: [{ bearer: ['admin'] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: {
      ...answersOf(operation, example, components),
      ...errorsOf(operation, components),
    },
  };
}

/** Parameters in path, query and headers, with the example's values. */
function parametersOf(
  { path, query, headers }: Operation,
  example: OperationExample,
  components: Components,
): Parameter[] {
  const { properties = {}, required = [] } = components.schemaOf(query, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return [
    ...pathParametersOf(path, example),
    ...Object.entries(properties).map(([name, { description, ...schema }]) => ({
      name,
      in: 'query' as const,
      required: required.includes(name),
      description: String(description ?? ''),
      schema,
      ...(example.query?.[name] !== undefined && { example: example.query[name] }),
    })),
    ...headersOf(headers, example),
  ];
}

function bodyOf({ body }: Operation, example: OperationExample, components: Components) {
  if (body === undefined) return undefined;
  return {
    required: !body.safeParse(undefined).success,
    content: {
      'application/json': {
        schema: components.schemaOf(body, 'input'),
        example: example.body,
      },
    },
  };
}

function answersOf(
  { answers }: Operation,
  example: OperationExample,
  components: Components,
): Record<string, DocumentedAnswer> {
  const entries = Object.entries(answers).map(([status, answer]) => {
    const { description, schema, contentType = 'application/json', headers = {} } = answer;
    const content = schema && {
      [contentType]: {
        schema: components.schemaOf(schema, 'output'),
        example: example.answers[Number(status)],
      },
    };
    const told = Object.entries(headers).map(([name, text]) => [
      name,
      { description: text, schema: { type: 'string' } },
    ]);
    return [
      status,
      {
        description,
        ...(told.length > 0 && { headers: Object.fromEntries(told) }),
        ...(content && { content }),
      },
    ];
  });
  return Object.fromEntries(entries);
}

/** What every operation of its kind may be refused with, and what this one may be. */
function errorsOf(operation: Operation, components: Components): Record<string, DocumentedAnswer> {
  const implied: RequestErrorCode[] = [
    'invalid_request',
    ...(operation.isPublic ? [] : (['unauthorized', 'rate_limited'] as const)),
    ...(operation.isAdminOnly || operation.isForPeople ? (['forbidden'] as const) : []),
    ...(operation.path.includes('{') ? (['not_found'] as const) : []),
    ...(operation.body ? (['payload_too_large', 'unsupported_media_type'] as const) : []),
  ];
  const wanted = new Set<string>([...implied, ...operation.errors, 'unavailable', 'internal']);
  const codes = errorCodes.filter((code) => wanted.has(code));
  return errorAnswers(codes, components);
}
