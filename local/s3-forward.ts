import { Agent, type IncomingMessage, request as openRequest } from 'node:http';
import { Readable } from 'node:stream';
import { locateS3 } from '#local/iam/s3-calls';
import type { SdkRequest, SdkResponse } from '#local/types';

/** Sends S3 requests, whose bodies may be streams, to an emulator. */
export type S3Forward = {
  send(request: SdkRequest, signal?: AbortSignal): Promise<SdkResponse>;
  close(): void;
};

/** @param endpoint `http://host:port` of an S3 emulator; it is asked in path style. */
export function openS3Forward(endpoint: string): S3Forward {
  const agent = new Agent({ keepAlive: true });
  return {
    send: (request, signal) =>
      new Promise((resolve, reject) => {
        const outgoing = openRequest(
          `${endpoint}${pathOf(request)}`,
          {
            agent,
            method: request.method,
            headers: headersOf(request),
            ...(signal ? { signal } : {}),
          },
          (answer) => resolve(responseOf(answer)),
        );
        outgoing.on('error', reject);
        sendBody(request.body, outgoing);
      }),
    close: () => agent.destroy(),
  };
}

function pathOf(request: SdkRequest): string {
  const { bucket = '' } = locateS3(request) ?? {};
  const virtualHosted = request.hostname.startsWith(`${bucket}.`);
  const path = virtualHosted ? `/${bucket}${request.path}` : request.path;
  const parameters = Object.entries(request.query ?? {}).flatMap(([name, value]) =>
    [value ?? ''].flat().map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(one)}`),
  );
  return parameters.length > 0 ? `${path}?${parameters.join('&')}` : path;
}

function headersOf({ headers }: SdkRequest): Record<string, string> {
  // The emulator is asked under its own name, and there is no round trip worth saving with `Expect`.
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(host|expect)$/i.test(name)),
  );
}

function responseOf(answer: IncomingMessage): SdkResponse {
  const headers = Object.entries(answer.headers).map(([name, value]) => [
    name,
    [value ?? ''].flat().join(', '),
  ]);
  return {
    statusCode: answer.statusCode ?? 500,
    headers: Object.fromEntries(headers),
    body: answer,
  };
}

function sendBody(body: unknown, outgoing: ReturnType<typeof openRequest>): void {
  if (body instanceof Readable) {
    body.on('error', (error) => outgoing.destroy(error));
    body.pipe(outgoing);
  } else if (typeof body === 'string' || body instanceof Uint8Array) outgoing.end(body);
  else outgoing.end();
}
