/** How long and how large an exchange with an address that a user chose may get. */
export type SafeHttpLimits = {
  /** To open a connection to one address, in milliseconds. */
  readonly connectMs: number;
  /** From the request until the response's headers, in milliseconds. */
  readonly headersMs: number;
  /** Between two pieces of the body, in milliseconds. */
  readonly idleMs: number;
  /** For everything, redirects included, in milliseconds. */
  readonly totalMs: number;
  /** Of the response's headers, in bytes. */
  readonly headerBytes: number;
  /** Of the body, in bytes: as it travels, and again after each decompression. */
  readonly bodyBytes: number;
  readonly redirects: number;
  /** Compressions on top of each other. */
  readonly encodings: number;
};

/** What holds unless the caller says otherwise. */
export const defaultLimits: SafeHttpLimits = {
  connectMs: 5_000,
  headersMs: 10_000,
  idleMs: 10_000,
  totalMs: 30_000,
  headerBytes: 16 * 1024,
  bodyBytes: 10 * 1024 * 1024,
  redirects: 5,
  encodings: 2,
};

/** For messages: `10 MiB`, `64 KiB`, `300 bytes`. */
export function sizeInWords(bytes: number): string {
  if (bytes % 1024 ** 2 === 0) return `${bytes / 1024 ** 2} MiB`;
  if (bytes % 1024 === 0) return `${bytes / 1024} KiB`;
  return `${bytes} bytes`;
}
