/** A body in the SDK's `aws-chunked` encoding, taken apart. */
export type Unchunked = { readonly body: Buffer; readonly trailers: Record<string, string> };

/**
 * Decode `aws-chunked`, in which the SDK sends streams: hexadecimal sizes, chunks, and a checksum at the end.
 *
 * @throws Error when it is cut short.
 */
export function unchunk(encoded: Buffer): Unchunked {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = encoded.indexOf('\r\n', at);
    if (lineEnd < 0) throw new Error('The aws-chunked body is cut short');
    const size = Number.parseInt(encoded.toString('latin1', at, lineEnd), 16);
    at = lineEnd + 2;
    if (size === 0) return { body: Buffer.concat(chunks), trailers: trailersIn(encoded, at) };
    if (!(at + size <= encoded.length)) throw new Error('The aws-chunked body is cut short');
    chunks.push(encoded.subarray(at, at + size));
    at += size + 2;
  }
}

function trailersIn(encoded: Buffer, start: number): Record<string, string> {
  const lines = encoded.toString('latin1', start).split('\r\n');
  const pairs = lines
    .filter((line) => line.includes(':'))
    .map((line) => [
      line.slice(0, line.indexOf(':')).trim().toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]);
  return Object.fromEntries(pairs);
}
