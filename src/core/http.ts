/** A request to an address that a user chose. */
export type OutgoingRequest = {
  readonly method: string;
  /** Absolute `http:` or `https:` URL. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Redirects that are followed at most. Default: as the way out allows; 0 for what holds a secret. */
  readonly redirects?: number;
};

/** What came back, read to its end or to the size cap. */
export type IncomingResponse = {
  readonly status: number;
  /** Lower-case names; repeated headers are joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decompressed. */
  readonly body: Uint8Array;
  /** The URL that answered, after redirects. */
  readonly url: string;
  /** There when a 301 or 302 made a GET without a body of a POST, as in browsers. */
  readonly lostBody?: true;
  /** Until when the certificate of its server is valid, epoch milliseconds; only of `https:`. */
  readonly certificateValidTo?: number;
};

/**
 * The only way out to addresses that users choose. It refuses what is not public (unless allowed by
 * configuration), and bounds time, size, redirects and compression.
 *
 * @throws ActionRejectedError for an address we refuse, a body too large, too many redirects.
 * @throws ActionUnavailableError for a network fault or a time-out: trying again may help.
 */
export type Http = {
  send(request: OutgoingRequest, options: SendOptions): Promise<IncomingResponse>;
};

/** How a request is sent. */
export type SendOptions = {
  readonly signal: AbortSignal;
  /** Asked before a redirect is followed; what it throws ends the request. */
  readonly beforeRedirect?: (url: string) => Promise<void>;
};

/**
 * Request headers that belong to the connection, lower-case. Who sets them could address another
 * host behind the same front door, or smuggle a second request into the first. `proxy-…` ones too.
 */
export const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Request headers that say nothing about who asks, lower-case: they go along when a redirect leads to
 * another origin. The idempotency key grants nothing, and keeps a redirected retry from acting twice.
 */
export const PUBLIC_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'content-encoding',
  'content-language',
  'content-type',
  'idempotency-key',
  'user-agent',
]);
