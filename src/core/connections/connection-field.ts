import type { StoredConnection } from '#core/connections/connection';
import type { ConnectionKind } from '#core/connections/kinds';
import type { ConfigProblem } from '#core/errors';

/** A field of a config that names a connection. */
export type ConnectionField = {
  /** Where it stands in the config, for example `['auth', 'connection_id']`. */
  readonly at: readonly string[];
  /** The kinds that fit. */
  readonly kinds: readonly ConnectionKind[];
  /** What the config lacks, or has too much, with this connection: a schema cannot say it. */
  check?(connection: ChosenConnection, config: unknown): ConfigProblem | undefined;
};

/** What is known of a connection when it is chosen. */
export type ChosenConnection = Pick<StoredConnection, 'kind' | 'name' | 'settings'>;
