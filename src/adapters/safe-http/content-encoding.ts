import { promisify } from 'node:util';
import {
  brotliDecompress,
  constants,
  gunzip,
  inflate,
  inflateRaw,
  zstdDecompress,
} from 'node:zlib';
import { ActionRejectedError } from '#core/errors';
import { sizeInWords } from './limits.ts';

type Decode = (body: Uint8Array, maxOutputLength: number) => Promise<Uint8Array>;

const fromGzip = promisify(gunzip);
const fromDeflate = promisify(inflate);
const fromRawDeflate = promisify(inflateRaw);
const fromBrotli = promisify(brotliDecompress);
const fromZstd = promisify(zstdDecompress);

// The largest window that RFC 9659 lets a server use: 8 MiB. The library's own limit is 128 MiB,
// which a response of a few bytes could make us allocate.
const ZSTD_WINDOW_BITS = 23;

const decoders: Readonly<Record<string, Decode>> = {
  gzip: (body, maxOutputLength) => fromGzip(body, { maxOutputLength }),
  deflate: (body, maxOutputLength) =>
    // Servers send both the zlib format, as they should, and bare deflate.
    ((body[0] ?? 0) & 0x0f) === 8
      ? fromDeflate(body, { maxOutputLength })
      : fromRawDeflate(body, { maxOutputLength }),
  br: (body, maxOutputLength) => fromBrotli(body, { maxOutputLength }),
  zstd: (body, maxOutputLength) =>
    fromZstd(body, {
      maxOutputLength,
      params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_BITS },
    }),
};

/**
 * The encodings of a `Content-Encoding` header in the order they were applied, without `identity`.
 *
 * @throws ActionRejectedError for an encoding we do not know, or for more than `max` of them.
 */
export function contentEncodings(header: string, max: number, host: string): readonly string[] {
  const encodings = header
    .split(',')
    .map((encoding) =>
      encoding
        .trim()
        .toLowerCase()
        .replace(/^x-gzip$/, 'gzip'),
    )
    .filter((encoding) => encoding !== '' && encoding !== 'identity');
  if (encodings.length > max) {
    throw new ActionRejectedError(`${host} compressed its answer more than ${max} times.`);
  }
  if (!encodings.every((encoding) => Object.hasOwn(decoders, encoding))) {
    throw new ActionRejectedError(`${host} answered in an encoding that we do not know.`);
  }
  return encodings;
}

/**
 * Undoes the encodings, last applied first, each into at most `maxBytes`.
 *
 * @throws ActionRejectedError when the result is larger, or the body is not what it says it is.
 */
export async function decoded(
  body: Uint8Array,
  encodings: readonly string[],
  maxBytes: number,
  host: string,
): Promise<Uint8Array> {
  let result = body;
  for (const encoding of encodings.toReversed()) {
    try {
      result = (await decoders[encoding]?.(result, maxBytes)) ?? result;
    } catch (cause) {
      const isTooLarge = cause instanceof RangeError;
      const problem = isTooLarge
        ? `answered with more than ${sizeInWords(maxBytes)}`
        : 'sent an answer whose compression is damaged';
      throw new ActionRejectedError(`${host} ${problem}.`, { cause });
    }
  }
  return result;
}
