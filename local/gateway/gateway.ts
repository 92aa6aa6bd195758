import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { GatewayAnswer } from '#local/gateway/answer';
import { BodyTooLargeError } from '#local/gateway/body';
import {
  answerRequest,
  INTERNAL_ERROR,
  type Site,
  TOO_LARGE,
  UNAVAILABLE,
} from '#local/gateway/site';

/** The listening server. */
export type Gateway = {
  readonly port: number;
  /** From now on requests are served; until then every one gets a 503. */
  open(site: Site): void;
  /** Requests to the API since the start; this machine's own doors are not counted. */
  requestCount(): number;
  /** Requests to the API get a 503 from now on; the doors stay open for what still runs. */
  refuse(): void;
  /** Stops listening and drops all connections. */
  close(): Promise<void>;
};

const MAX_HEADER_BYTES = 10_240;
/** Longer than clients keep a connection, so that none is closed while a request is on its way. */
const KEEP_ALIVE_MS = 65_000;
const DRAIN_MS = 2_000;

/**
 * Takes the port on the loopback interface, and nowhere else.
 *
 * @param port 0 for any free one.
 * @throws the system's error (`EADDRINUSE`, `EACCES`) when it cannot be had.
 */
export async function listen(port: number): Promise<Gateway> {
  let site: Site | undefined;
  const state = { port, isRefusing: false, requests: 0 };
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS },
    (request, response) => {
      void respond(request, response, async () =>
        site ? answerRequest(site, request, state) : UNAVAILABLE,
      );
    },
  );
  server.on('clientError', answerClientError);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  state.port = (server.address() as AddressInfo).port;

  return {
    port: state.port,
    open(opened) {
      site = opened;
    },
    requestCount: () => state.requests,
    refuse() {
      state.isRefusing = true;
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: () => Promise<GatewayAnswer>,
): Promise<void> {
  try {
    send(response, await answer());
  } catch (error) {
    if (error instanceof BodyTooLargeError) return sendAndDrain(request, response, TOO_LARGE);
    if (request.destroyed && !request.complete) return; // The client went away while sending.
    console.error('The gateway failed:', error);
    send(response, INTERNAL_ERROR);
  }
}

function send(response: ServerResponse, { status, headers, body }: GatewayAnswer): void {
  if (response.destroyed || response.headersSent) return;
  try {
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
    response.end(body);
  } catch {
    // A header that HTTP does not allow: API Gateway answers 500, too.
    response.writeHead(INTERNAL_ERROR.status, INTERNAL_ERROR.headers);
    response.end(INTERNAL_ERROR.body);
  }
}

/** Answers a client that is still sending, and lets it finish for a moment so that it reads the answer. */
function sendAndDrain(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: GatewayAnswer,
): void {
  if (response.destroyed) return;
  const length = Buffer.byteLength(body);
  response.writeHead(status, { ...headers, 'content-length': length, connection: 'close' });
  response.write(body);
  const end = () => response.end();
  const limit = setTimeout(end, DRAIN_MS);
  request.on('close', () => clearTimeout(limit));
  request.on('end', end);
  request.resume();
}

/** What is no HTTP request that Node.js would hand over. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const [status, text] = CLIENT_ERRORS[error.code ?? ''] ?? [400, 'Bad Request'];
  const body = JSON.stringify({ message: text });
  socket.end(
    `HTTP/1.1 ${status} ${text}\r\ncontent-type: application/json\r\nconnection: close\r\n` +
      `content-length: ${body.length}\r\n\r\n${body}`,
  );
}

const CLIENT_ERRORS: Record<string, [status: number, text: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
};
