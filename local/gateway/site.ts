import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { withHeaders } from '#local/distribution/headers';
import type { Pages } from '#local/distribution/pages';
import { functionAnswer, type GatewayAnswer, gatewayMessage, problem } from '#local/gateway/answer';
import { readBody } from '#local/gateway/body';
import { type GatewayRequest, httpEvent } from '#local/gateway/event';
import type { Guards } from '#local/gateway/guards';
import { type HttpApi, matchRoute, type RouteMatch } from '#local/gateway/routes';
import { parseTarget, type Target } from '#local/gateway/target';
import type { InvocationResult } from '#local/lambda/protocol';

/** What is served once the machine is ready. */
export type Site = {
  readonly api: HttpApi;
  /** Undefined for a template without a distribution: then only the API is served. */
  readonly pages?: Pages | undefined;
  readonly accountId: string;
  readonly guards: Guards;
  readonly doors: readonly Door[];
  /** @param payload the event as JSON. */
  invoke(functionName: string, payload: string): Promise<InvocationResult>;
};

/** An address of this machine's own, under `/local/`; it exists on no deployment. */
export type Door = {
  readonly method: string;
  /** Named groups become `parameters`. */
  readonly path: RegExp;
  answer(request: DoorRequest): GatewayAnswer | Promise<GatewayAnswer>;
};

type DoorRequest = {
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly requestId: string;
};

/** The state of the server that a site is served by. */
type ServerState = {
  readonly port: number;
  /** True when the API takes nothing any more: the machine stops. */
  readonly isRefusing: boolean;
  /** How many requests were for the API; counted here. */
  requests: number;
};

const MAX_BODY_BYTES = 10 * 1024 * 1024;
const MAX_DOOR_BODY_BYTES = 256 * 1024;
/** Lambda's limit of a synchronous event (6 MiB and 100 bytes). */
const MAX_EVENT_BYTES = 6_291_556;

export const UNAVAILABLE = gatewayMessage(503, 'Service Unavailable');
export const TOO_LARGE = gatewayMessage(413, 'Request Entity Too Large');
export const INTERNAL_ERROR = gatewayMessage(500, 'Internal Server Error');
const BAD_REQUEST = gatewayMessage(400, 'Bad Request');
const NOT_FOUND = gatewayMessage(404, 'Not Found');

/**
 * Answers a request: guards first, then this machine's own doors, then pages as CloudFront would and the API
 * as API Gateway would.
 *
 * @throws BodyTooLargeError for a body over the limit. @throws Error when the client goes away while sending.
 */
export async function answerRequest(
  site: Site,
  request: IncomingMessage,
  server: ServerState,
): Promise<GatewayAnswer> {
  const target = parseTarget(request.url ?? '');
  if (!target) return BAD_REQUEST;
  const hostKind = site.guards.hostKind(request.headers);
  if (hostKind === 'foreign') return misdirected();
  const isDoor = target.path.startsWith('/local/');
  const behavior = isDoor ? undefined : site.pages?.behaviorOf(target.path);
  if (site.pages && behavior?.origin.kind === 'bucket') {
    if (hostKind === 'public' && !site.pages.isPublicDoor(target.path)) return NOT_FOUND;
    return site.pages.answer(behavior, request, target);
  }
  const match = isDoor ? undefined : matchRoute(site.api.routes, request.method ?? '', target.path);
  if (!isDoor) server.requests += 1;

  if (match?.route.isPublicDoor !== true) {
    if (hostKind === 'public') return NOT_FOUND;
    if (site.guards.isForeignPage(request.headers)) return foreignPage();
  }
  if (isDoor) return answerAtDoor(site, request, target.path);
  if (server.isRefusing) return UNAVAILABLE;
  if (!match) return NOT_FOUND;
  const answer = await answerFromFunction(site, request, { target, match, server });
  return behavior ? withHeaders(answer, behavior.headers) : answer;
}

async function answerFromFunction(
  { api, accountId, invoke }: Site,
  request: IncomingMessage,
  { target, match, server }: { target: Target; match: RouteMatch; server: ServerState },
): Promise<GatewayAnswer> {
  const gatewayRequest: GatewayRequest = {
    method: request.method ?? '',
    path: target.path,
    rawQueryString: target.query,
    httpVersion: request.httpVersion,
    rawHeaders: request.rawHeaders,
    sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
    receivedAt: new Date(),
    body: await readBody(request, MAX_BODY_BYTES),
  };
  const { functionName, timeoutMs, isPermitted } = match.route;
  if (!isPermitted) return INTERNAL_ERROR;
  const place = { accountId, apiId: api.apiId, port: String(server.port) };
  const event = httpEvent(gatewayRequest, match, place);
  const payload = JSON.stringify(event);
  const isTooLarge =
    payload.length > MAX_EVENT_BYTES || Buffer.byteLength(payload) > MAX_EVENT_BYTES;
  if (isTooLarge) return TOO_LARGE;

  const result = await withLimit(invoke(functionName, payload), timeoutMs);
  const answer = result ? functionAnswer(result) : UNAVAILABLE;
  const headers = { ...answer.headers, 'apigw-requestid': event.requestContext.requestId };
  return { ...answer, headers };
}

async function answerAtDoor(
  { doors }: Site,
  request: IncomingMessage,
  path: string,
): Promise<GatewayAnswer> {
  const requestId = randomUUID();
  const here = doors.filter((door) => door.path.test(path));
  const door = here.find(({ method }) => method === request.method);
  if (!door) {
    const allowed = here.map(({ method }) => method).join(', ');
    return allowed === ''
      ? problem(404, 'not_found', `There is nothing at ${path}.`, requestId)
      : problem(405, 'method_not_allowed', `${path} takes ${allowed}.`, requestId);
  }
  const body = await readBody(request, MAX_DOOR_BODY_BYTES);
  const parameters = door.path.exec(path)?.groups ?? {};
  return door.answer({
    method: request.method ?? '',
    url: request.url ?? '',
    parameters,
    headers: request.headers,
    body,
    requestId,
  });
}

/** The result, or undefined when it takes longer; the function itself goes on, as on AWS. */
async function withLimit<T>(work: Promise<T>, limitMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, limitMs, undefined);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function misdirected(): GatewayAnswer {
  const message = 'This server answers to localhost and to the host of PUBLIC_URL only.';
  return problem(421, 'misdirected_request', message, randomUUID());
}

function foreignPage(): GatewayAnswer {
  const message = "Another site's page may not call this address.";
  return problem(403, 'forbidden', message, randomUUID());
}
