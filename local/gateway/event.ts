import { isUtf8 } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import type { RouteMatch } from '#local/gateway/routes';

/** A request as the socket gave it, its body read to the end. */
export type GatewayRequest = {
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  readonly rawQueryString: string;
  readonly httpVersion: string;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly sourceIp: string;
  readonly body: Buffer;
  readonly receivedAt: Date;
};

/** The parts of an event that are the API's, not the request's. */
export type EventPlace = {
  readonly accountId: string;
  readonly apiId: string;
  /** Port that the client dialled, as text. */
  readonly port: string;
};

/**
 * API Gateway's event, payload format 2.0.
 *
 * The path is decoded: HTTP APIs do that, unlike REST APIs and function URLs.
 */
export function httpEvent(request: GatewayRequest, match: RouteMatch, place: EventPlace) {
  const { headers, cookies } = readHeaders(request);
  headers['x-forwarded-for'] = joinValue(headers['x-forwarded-for'], request.sourceIp, ', ');
  headers['x-forwarded-port'] ??= place.port;
  headers['x-forwarded-proto'] ??= 'http';
  headers['x-amzn-trace-id'] ??= traceHeader(request.receivedAt);
  const domainName = headers['host'] ?? '';
  const { route, pathParameters } = match;
  return {
    version: '2.0',
    routeKey: route.routeKey,
    rawPath: request.path,
    rawQueryString: request.rawQueryString,
    ...(cookies.length > 0 && { cookies }),
    headers,
    ...(request.rawQueryString !== '' && {
      queryStringParameters: queryParameters(request.rawQueryString),
    }),
    requestContext: {
      accountId: place.accountId,
      apiId: place.apiId,
      domainName,
      domainPrefix: domainName.split(/[.:]/)[0] ?? '',
      http: {
        method: request.method,
        path: request.path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: requestId(),
      routeKey: route.routeKey,
      stage: '$default',
      time: accessLogTime(request.receivedAt),
      timeEpoch: request.receivedAt.getTime(),
    },
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    ...readBody(request.body, headers['content-type'] ?? ''),
  };
}

/** Names in lower case, repeated headers joined with commas, cookies apart. */
function readHeaders(request: GatewayRequest) {
  const headers: Record<string, string> = Object.create(null);
  const cookies: string[] = [];
  const { rawHeaders } = request;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    if (name === 'cookie') cookies.push(...value.split(/; */).filter((cookie) => cookie !== ''));
    else headers[name] = joinValue(headers[name], value, ',');
  }
  return { headers, cookies };
}

function joinValue(before: string | undefined, value: string, separator: string): string {
  return before === undefined ? value : `${before}${separator}${value}`;
}

function queryParameters(rawQueryString: string): Record<string, string> {
  const values: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    values[name] = joinValue(values[name], value, ',');
  }
  return values;
}

/**
 * Text only for the few media types that API Gateway takes for text; a form, a `+json` type and a body
 * without a type arrive as base64. Bytes that are no UTF-8 do too, so that none is ever changed.
 */
function readBody(body: Buffer, contentType: string) {
  if (body.length === 0) return { isBase64Encoded: false };
  const mediaType = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const isText = mediaType.startsWith('text/') || TEXT_MEDIA_TYPES.has(mediaType);
  if (isText && isUtf8(body)) return { body: body.toString('utf8'), isBase64Encoded: false };
  return { body: body.toString('base64'), isBase64Encoded: true };
}

const TEXT_MEDIA_TYPES = new Set(['application/json', 'application/xml', 'application/javascript']);

/** Of the form that API Gateway gives, such as `JKJaXmPLvHcESHA=`. */
function requestId(): string {
  return `${randomBytes(11).toString('base64url').slice(0, 15)}=`;
}

function traceHeader(at: Date): string {
  const time = Math.floor(at.getTime() / 1000).toString(16);
  return `Root=1-${time}-${randomBytes(12).toString('hex')}`;
}

/** Such as `12/Mar/2020:19:03:58 +0000`. */
function accessLogTime(at: Date): string {
  const [, day, month, year, time] = at.toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
