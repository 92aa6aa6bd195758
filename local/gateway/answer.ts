import type { InvocationResult } from '#local/lambda/protocol';

/** An HTTP response, whole. */
export type GatewayAnswer = {
  readonly status: number;
  /** An array is sent as one header line for each value. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | Buffer;
};

/** An answer that the gateway gives by itself, in API Gateway's words. */
export function gatewayMessage(status: number, message: string): GatewayAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message }),
  };
}

/** An answer of this machine's own doors and guards, in the form that the API's errors have. */
export function problem(
  status: number,
  code: string,
  message: string,
  requestId: string,
  details?: Record<string, unknown>,
): GatewayAnswer {
  const error = { code, message, ...(details && { details }), request_id: requestId };
  return json(status, { error });
}

/** JSON of a door of this machine's own. */
export function json(status: number, value: unknown): GatewayAnswer {
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  };
  return { status, headers, body: JSON.stringify(value) };
}

/** Turns a function's answer, payload format 2.0, into a response; what is malformed is a 500. */
export function functionAnswer(result: InvocationResult): GatewayAnswer {
  if (result.status === 'failed') return INTERNAL_ERROR;
  const value: unknown = JSON.parse(result.payload);
  if (typeof value !== 'object' || value === null || !('statusCode' in value)) {
    const body = typeof value === 'string' ? value : result.payload;
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  return structuredAnswer(value) ?? INTERNAL_ERROR;
}

const INTERNAL_ERROR = gatewayMessage(500, 'Internal Server Error');

function structuredAnswer(value: object): GatewayAnswer | undefined {
  const answer = value as {
    statusCode: unknown;
    headers?: unknown;
    cookies?: unknown;
    body?: unknown;
    isBase64Encoded?: unknown;
  };
  const status = Number(answer.statusCode);
  const body = answer.body ?? '';
  const isWellFormed =
    Number.isInteger(status) &&
    status >= 200 &&
    status <= 599 &&
    typeof body === 'string' &&
    (answer.headers == null || typeof answer.headers === 'object') &&
    (answer.cookies == null || Array.isArray(answer.cookies));
  if (!isWellFormed) return undefined;
  const headers: Record<string, string | string[]> = { 'content-type': 'text/plain;charset=UTF-8' };
  for (const [name, header] of Object.entries(answer.headers ?? {})) {
    if (!HOP_BY_HOP.has(name.toLowerCase())) headers[name.toLowerCase()] = String(header);
  }
  const cookies = answer.cookies as unknown[] | null | undefined;
  if (cookies && cookies.length > 0) headers['set-cookie'] = cookies.map(String);
  return {
    status,
    headers,
    body: answer.isBase64Encoded === true ? Buffer.from(body, 'base64') : body,
  };
}

/** The connection's own headers: the gateway sets them, a function cannot. */
const HOP_BY_HOP = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding']);
