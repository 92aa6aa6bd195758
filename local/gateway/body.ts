import type { IncomingMessage } from 'node:http';

/** A request's body is larger than the gateway takes. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

/**
 * Reads a request's body to its end.
 *
 * @throws BodyTooLargeError as soon as more than `limitBytes` are announced or have come.
 * @throws Error when the client goes away before the end.
 */
export function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  if (request.complete) return Promise.resolve(NOTHING);
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > limitBytes) {
      return reject(new BodyTooLargeError());
    }
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= limitBytes) return;
      request.off('data', onData);
      reject(new BodyTooLargeError());
    };
    request.on('data', onData);
    request.on('end', () =>
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)),
    );
    request.on('error', reject);
    request.on('close', () => reject(new Error('The client went away.')));
  });
}

const NOTHING = Buffer.alloc(0);
