/** The SDK's JSON bodies are bytes that complain when used as the string they can also be. */
export function bodyText(body: unknown): string {
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) {
    return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  }
  throw new Error('Expected a JSON body');
}
