import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type PrivateServer, startPrivateServer } from '#local/services/private-server';

/** What an operation gets: the request's JSON. */
export type JsonInput = Readonly<Record<string, unknown>>;

/** A refusal in a service's own words. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  /** The service's name of the error. */
  readonly code: string;
  /** Of HTTP. */
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/**
 * A service that speaks AWS's JSON protocol.
 *
 * @param run does one operation.
 * @throws ServiceError from `run` is told to the caller; anything else is this machine's fault, an answer 500.
 */
export function startJsonServer(
  run: (operation: string, input: JsonInput) => object | Promise<object>,
): Promise<PrivateServer> {
  return startPrivateServer((request, response) => {
    void answer(request, response, run);
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  run: (operation: string, input: JsonInput) => object | Promise<object>,
): Promise<void> {
  try {
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.');
    send(response, 200, await run(operation, JSON.parse(await text(request))));
  } catch (error) {
    if (!(error instanceof ServiceError)) console.error('a request to an emulator failed', error);
    const { code, message, status } =
      error instanceof ServiceError
        ? error
        : { code: 'InternalServerException', message: 'Internal', status: 500 };
    response.setHeader('x-amzn-errortype', code);
    send(response, status, { __type: code, message, Message: message });
  }
}

function send(response: ServerResponse, status: number, output: object): void {
  const body = JSON.stringify(output);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
