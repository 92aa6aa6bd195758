import type { ConnectionStore, StoredConnection } from '#core/connections/connection';
import { readGoogleKey } from '#core/connections/google-key';
import type { CreateConnection } from '#core/connections/kinds';
import { originsOf } from '#core/connections/origins';
import type { EgressPolicy } from '#core/egress/egress';
import { notFound } from '#core/errors';
import { isId, newId, type RandomBytes } from '#core/ids';
import type { Clock } from '#core/ports';
import type { SecretBox } from '#core/secret-box';

/** What managing connections works with. */
export type ConnectionDeps = {
  readonly connections: ConnectionStore;
  readonly secrets: Pick<SecretBox, 'seal'>;
  readonly egress: EgressPolicy;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
};

/** Keeps a new connection, its secret encrypted. @throws RequestError `invalid_request` */
export async function createConnection(
  userId: string,
  body: CreateConnection,
  deps: ConnectionDeps,
): Promise<StoredConnection> {
  const now = deps.clock.now();
  const id = newId('con', now, deps.randomBytes);
  const origins = originsOf(body, deps.egress) ?? [];
  const sealed = await deps.secrets.seal(JSON.stringify(body.secret), {
    userId,
    connectionId: id,
  });
  const { kind, name } = body;
  const settings = onlyGiven({ ...body.settings, ...derivedSettings(body) });
  const createdAt = new Date(now).toISOString();
  const connection = { id, userId, kind, name, settings, origins, sealed, createdAt };
  await deps.connections.create(connection);
  return connection;
}

/** What owners need to know of a secret: with whom to share a document. */
export function derivedSettings({
  kind,
  secret,
}: CreateConnection): Readonly<Record<string, string>> {
  if (kind !== 'google_service_account') return {};
  return { client_email: readGoogleKey(secret['key'] ?? '').client_email };
}

/** Settings without those that were left out. */
export function onlyGiven(
  settings: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given as [string, string][]);
}

/** One connection of this user. @throws RequestError `not_found` */
export async function getConnection(
  userId: string,
  id: string,
  deps: Pick<ConnectionDeps, 'connections'>,
): Promise<StoredConnection> {
  const found = isId('con', id) ? await deps.connections.find(userId, id) : undefined;
  if (found === undefined) throw notFound('connection');
  return found;
}

/** Deletes a connection; deleting it again is fine. @throws RequestError `not_found` */
export async function deleteConnection(
  userId: string,
  id: string,
  deps: Pick<ConnectionDeps, 'connections'>,
): Promise<void> {
  if (isId('con', id) && (await deps.connections.wasRemoved(userId, id))) return;
  await getConnection(userId, id, deps);
  await deps.connections.remove(userId, id);
}
