import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { log } from '#adapters/logger';
import { isTransient } from '#adapters/transient';
import { RequestError, requestErrorStatus } from '#core/errors';

/** Answers are for programs: nothing may be cached, sniffed or framed. */
const HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/**
 * How a door is made with middy: a caller hears that the service is busy while there is still time to
 * say so, in milliseconds. An invocation that runs out of time is an answer 500 without a word.
 */
export const ANSWER_IN_TIME = { timeoutEarlyInMillis: 1_000 };

/** A JSON answer of the HTTP API. */
export function jsonAnswer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): APIGatewayProxyStructuredResultV2 {
  return { statusCode: status, headers: { ...HEADERS, ...headers }, body: JSON.stringify(body) };
}

/** An answer that is not JSON, for people. */
export function textAnswer(
  status: number,
  contentType: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): APIGatewayProxyStructuredResultV2 {
  const type = { 'content-type': contentType };
  return { statusCode: status, headers: { ...HEADERS, ...type, ...headers }, body };
}

/**
 * Turns whatever a handler throws into the one error shape of the API. What was not thrown on
 * purpose is told to our log only; the caller gets a request id to name.
 *
 * @param challenge what an answer 401 asks for, as its header `WWW-Authenticate`
 */
export function problems(
  challenge?: (event: APIGatewayProxyEventV2) => string,
): MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> {
  return {
    onError: (request) => {
      const { error, event } = request;
      const answer = problemAnswer(error, event.requestContext.requestId);
      const asks = answer.statusCode === 401 && challenge;
      const headers = { ...answer.headers, ...(asks && { 'www-authenticate': asks(event) }) };
      request.response = { ...answer, headers };
    },
  };
}

/**
 * What the API asks of whoever has not signed in: a bearer token, or another one where one was sent
 * (RFC 6750, section 3).
 */
export function bearerChallenge({ headers }: APIGatewayProxyEventV2): string {
  return /^Bearer /i.test(headers['authorization'] ?? '')
    ? 'Bearer error="invalid_token"'
    : 'Bearer';
}

/** When to try again, and the rate that was exceeded. */
function waitHeaders({ retryAfterSeconds, rate }: RequestError): Record<string, string> {
  if (retryAfterSeconds === undefined) return {};
  const seconds = String(retryAfterSeconds);
  if (rate === undefined) return { 'retry-after': seconds };
  return {
    'retry-after': seconds,
    'ratelimit-limit': String(rate.limit),
    'ratelimit-policy': `${rate.limit};w=${rate.windowSeconds}`,
    'ratelimit-remaining': '0',
    'ratelimit-reset': seconds,
  };
}

function problemAnswer(error: unknown, requestId: string): APIGatewayProxyStructuredResultV2 {
  if (error instanceof RequestError) {
    const { code, message, details } = error;
    log.info('request refused', { code });
    return jsonAnswer(
      requestErrorStatus[code],
      { error: { code, message, ...(details && { details }), request_id: requestId } },
      waitHeaders(error),
    );
  }
  if (isTransient(error)) {
    log.warn('request met a busy store', { error });
    const message =
      'The service is busy right now. Try again in a moment; with the same Idempotency-Key nothing is done twice.';
    return jsonAnswer(
      503,
      { error: { code: 'unavailable', message, request_id: requestId } },
      { 'retry-after': '1' },
    );
  }
  log.error('request failed', { error });
  const message = 'Something went wrong on our side. Try again; if it stays, name the request id.';
  return jsonAnswer(500, { error: { code: 'internal', message, request_id: requestId } });
}
