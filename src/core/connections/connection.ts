import type { ConnectionKind } from '#core/connections/kinds';
import type { Http } from '#core/http';
import type { Slice } from '#core/ports';

/** A connection as it is stored. */
export type StoredConnection = {
  readonly id: string;
  readonly userId: string;
  readonly kind: ConnectionKind;
  readonly name: string;
  /** Shown to the owner. */
  readonly settings: Readonly<Record<string, string>>;
  /** Where its credential may be sent: scheme, host and port. */
  readonly origins: readonly string[];
  /** The secret as JSON text, encrypted for this owner and this connection. */
  readonly sealed: string;
  /** ISO 8601 */
  readonly createdAt: string;
  /** ISO 8601; there once it was changed. */
  readonly updatedAt?: string;
  /** Grows with each change but that of the name. Absent means 1. */
  readonly version?: number;
};

/** Which connection, and in which state of it. */
export type ConnectionVersion = {
  readonly id: string;
  readonly name: string;
  readonly version: number;
};

/** Where connections live. Every method is scoped by owner. */
export type ConnectionStore = {
  create(connection: StoredConnection): Promise<void>;
  find(userId: string, id: string): Promise<StoredConnection | undefined>;
  /** Puts the second in the place of the first. @returns false when it is not as it was any more */
  replace(before: StoredConnection, after: StoredConnection): Promise<boolean>;
  /** Newest first. */
  list(
    userId: string,
    page: { limit: number; after: string | undefined },
  ): Promise<Slice<StoredConnection>>;
  /** Deletes it and remembers that it was there. */
  remove(userId: string, id: string): Promise<void>;
  /** Whether this user once had it, so that deleting twice is fine. */
  wasRemoved(userId: string, id: string): Promise<boolean>;
};

/** A connection in use. It keeps its secret to itself. */
export type Connection = {
  readonly id: string;
  readonly kind: ConnectionKind;
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Which state of it was opened. */
  readonly version: number;
  /** The address of a kind whose address is the secret. */
  readonly url?: string;
  /**
   * The way out with the credential on it: to the hosts that the connection is bound to, and to no
   * other, also after a redirect.
   *
   * @throws ActionRejectedError for another host, or when the credential is refused for good
   */
  readonly http: Http;
  /** Gets the token of a kind that needs one, so that a credential can be tried without a request. */
  readonly authorize?: (signal: AbortSignal) => Promise<void>;
};

/** What opening a connection may be told. */
export type OpenOptions = {
  /** Gets every text that must be hidden from now on. */
  readonly onSecret: (secret: string) => void;
  /** The way out to put credentials on, where it is bounded for a run. */
  readonly http?: Http;
  /** What a Google connection is to be used for. */
  readonly scopes?: readonly string[];
};

/** The connections of all users. */
export type Connections = {
  /** Says in which state a connection of this user is; undefined when there is none. */
  version(userId: string, id: string): Promise<ConnectionVersion | undefined>;
  /**
   * Opens a connection of this user for one use.
   *
   * @param kinds the kinds that fit
   * @throws ActionRejectedError when it is not there, or of another kind
   */
  open(
    userId: string,
    id: string,
    kinds: readonly ConnectionKind[],
    options: OpenOptions,
  ): Promise<Connection>;
};
