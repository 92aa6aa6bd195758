import type { Agent, Dispatcher } from 'undici';
import { ActionRejectedError } from '#core/errors';
import { contentEncodings, decoded } from './content-encoding.ts';
import { networkFailure } from './failures.ts';
import { type SafeHttpLimits, sizeInWords } from './limits.ts';
import type { RequestHeaders } from './request-headers.ts';

/** One request to one URL that was judged. */
export type Hop = {
  readonly url: URL;
  readonly method: string;
  readonly headers: RequestHeaders;
  readonly body: string | Uint8Array | undefined;
};

/** One response, decompressed; a null-prototype record with lower-case names. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

/**
 * Sends one request and reads the response to its end.
 *
 * @param signal Its reason is thrown as it is.
 * @throws ActionRejectedError, ActionUnavailableError
 */
export async function exchange(
  agent: Agent,
  hop: Hop,
  limits: SafeHttpLimits,
  signal: AbortSignal,
): Promise<Answer> {
  const host = hop.url.host;
  const raw = await received(agent, hop, limits, signal);
  if (raw.body.length === 0 || raw.encodings.length === 0) return raw;

  const body = await decoded(raw.body, raw.encodings, limits.bodyBytes, host);
  // They described the body as it travelled, not the one that we hand over.
  const { 'content-encoding': _, 'content-length': __, ...headers } = raw.headers;
  return { status: raw.status, headers, body };
}

type Received = Answer & { readonly encodings: readonly string[] };

function received(
  agent: Agent,
  { url, method, headers, body }: Hop,
  limits: SafeHttpLimits,
  signal: AbortSignal,
): Promise<Received> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let start: Omit<Received, 'body'> | undefined;
    const bytes = byteCollector(limits.bodyBytes);
    let isOver = false;

    const end = () => {
      isOver = true;
      signal.removeEventListener('abort', onAbort);
    };
    const fail = (error: unknown) => {
      if (isOver) return;
      end();
      reject(error);
      controller?.abort(error as Error);
    };
    const onAbort = () => fail(signal.reason);
    signal.addEventListener('abort', onAbort);

    const tooLarge = () =>
      new ActionRejectedError(
        `${url.host} answered with more than ${sizeInWords(limits.bodyBytes)}.`,
      );

    agent.dispatch(
      { origin: url.origin, path: url.pathname + url.search, method, headers, body: body ?? null },
      {
        onRequestStart(requestController) {
          controller = requestController;
          // The caller may have stopped waiting while the connection was made: do not send then.
          if (isOver) requestController.abort(new Error('nobody waits for this any more'));
        },
        onResponseStart(_, status, responseHeaders) {
          if (status < 200) return;
          const flat = flatten(responseHeaders);
          const hasBody = method !== 'HEAD' && status !== 204 && status !== 304;
          if (hasBody && Number(flat['content-length']) > limits.bodyBytes) throw tooLarge();
          const encodings = hasBody
            ? contentEncodings(flat['content-encoding'] ?? '', limits.encodings, url.host)
            : [];
          start = { status, headers: flat, encodings };
        },
        onResponseData(_, chunk) {
          if (!isOver && !bytes.add(chunk)) fail(tooLarge());
        },
        onResponseEnd() {
          if (isOver || !start) return;
          end();
          resolve({ ...start, body: bytes.all() });
        },
        onResponseError(_, error) {
          fail(networkFailure(error, url.host, limits));
        },
      },
    );
  });
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return flat;
}

/**
 * Copies chunks into one growing buffer: a list of them would cost a hundred times their size when
 * a server sends byte by byte.
 */
function byteCollector(maxBytes: number) {
  let buffer = new Uint8Array(0);
  let length = 0;
  return {
    /** False when there is no room. */
    add(chunk: Uint8Array): boolean {
      const needed = length + chunk.length;
      if (needed > maxBytes) return false;
      if (needed > buffer.length) {
        const larger = new Uint8Array(Math.min(maxBytes, Math.max(needed, buffer.length * 2)));
        larger.set(buffer.subarray(0, length));
        buffer = larger;
      }
      buffer.set(chunk, length);
      length = needed;
      return true;
    },
    all: (): Uint8Array => buffer.subarray(0, length),
  };
}
