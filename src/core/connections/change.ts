import * as z from 'zod';
import type { StoredConnection } from '#core/connections/connection';
import {
  type ConnectionDeps,
  derivedSettings,
  getConnection,
  onlyGiven,
} from '#core/connections/connections';
import { connectionKinds, Hosts, Name, type NewConnection } from '#core/connections/kinds';
import { originsOf } from '#core/connections/origins';
import { invalidRequest, RequestError } from '#core/errors';
import { problemsOf } from '#core/field-path';
import { plainWords } from '#core/plain-words';

/** Body of `PATCH /api/connections/{connection_id}`: what is left out stays as it is. */
export const ChangeConnection = z.strictObject({
  name: Name.optional(),
  settings: z
    .record(z.string(), z.string())
    .optional()
    .describe('All of them, as for a new connection of this kind.'),
  secret: z
    .record(z.string(), z.string())
    .optional()
    .describe('The new secret, as for a new connection of this kind. It is never shown again.'),
  allowed_hosts: Hosts.optional(),
});
export type ChangeConnection = z.infer<typeof ChangeConnection>;

/** Settings that say where a credential is sent, besides the hosts. */
const DESTINATIONS = ['token_url', 'base_url', 'region'] as const;

/**
 * Changes a connection: its name, its settings, its hosts, its secret. Steps that begin afterwards
 * use it as it is then. Sending a credential to further places takes the credential itself, so that
 * whoever may only change connections cannot have one sent to themselves.
 *
 * @throws RequestError `not_found`, `invalid_request`, or `conflict` with another change
 */
export async function changeConnection(
  userId: string,
  id: string,
  change: ChangeConnection,
  deps: ConnectionDeps,
): Promise<StoredConnection> {
  const before = await getConnection(userId, id, deps);
  const wanted = wantedConnection(before, change);
  const origins = originsOf(wanted, deps.egress) ?? before.origins;
  if (wanted.secret === undefined) refuseNewPlaces(before, origins, wanted.settings);
  const sealed =
    wanted.secret === undefined
      ? before.sealed
      : await deps.secrets.seal(JSON.stringify(wanted.secret), { userId, connectionId: id });
  const after: StoredConnection = {
    ...before,
    name: wanted.name,
    settings: onlyGiven({
      ...keptSettings(before),
      ...wanted.settings,
      ...(wanted.secret && derivedSettings({ ...wanted, secret: wanted.secret })),
    }),
    origins,
    sealed,
    updatedAt: new Date(deps.clock.now()).toISOString(),
    version: versionAfter(before, change),
  };
  if (await deps.connections.replace(before, after)) return after;
  throw new RequestError(
    'conflict',
    'The connection was changed or deleted at the same time. Look at it again, then repeat the change.',
  );
}

/** A new name changes nothing about what a step does with it. */
function versionAfter({ version = 1 }: StoredConnection, change: ChangeConnection): number {
  const isOnlyName = Object.keys(change).every((field) => field === 'name');
  return isOnlyName ? version : version + 1;
}

function wantedConnection(before: StoredConnection, change: ChangeConnection): NewConnection {
  const { kind } = before;
  const { settings, secret, choosesHosts } = connectionKinds[kind];
  if (change.allowed_hosts !== undefined && !choosesHosts) {
    const message = `A connection of the kind ${connectionKinds[kind].title} has its hosts from its settings; change those.`;
    throw invalidRequest([{ path: 'allowed_hosts', message }]);
  }
  return {
    kind,
    name: change.name ?? before.name,
    settings:
      change.settings === undefined
        ? before.settings
        : checked('settings', settings, withoutDerived(before, change.settings)),
    ...(change.secret !== undefined && { secret: checked('secret', secret, change.secret) }),
    ...(choosesHosts && { allowed_hosts: change.allowed_hosts ?? before.origins }),
  };
}

function checked(
  part: 'settings' | 'secret',
  schema: z.ZodType,
  value: Readonly<Record<string, string>>,
): Readonly<Record<string, string | undefined>> {
  const parsed = schema.safeParse(value, { error: plainWords });
  if (!parsed.success) throw invalidRequest(problemsOf(parsed.error.issues, part));
  return parsed.data as Readonly<Record<string, string | undefined>>;
}

/** Callers may give back what they were shown. */
function withoutDerived(
  { kind }: StoredConnection,
  settings: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const { client_email: _, ...own } = settings;
  return kind === 'google_service_account' ? own : settings;
}

/** What was taken from the secret stays until there is another. */
function keptSettings({ kind, settings }: StoredConnection): Readonly<Record<string, string>> {
  const { client_email } = settings;
  return kind === 'google_service_account' && client_email !== undefined ? { client_email } : {};
}

function refuseNewPlaces(
  before: StoredConnection,
  origins: readonly string[],
  settings: NewConnection['settings'],
): void {
  const isWider = origins.some((origin) => !before.origins.includes(origin));
  const isElsewhere = DESTINATIONS.some((name) => settings[name] !== before.settings[name]);
  if (!isWider && !isElsewhere) return;
  const message = 'Give the secret, too: this change has it sent to another place than before.';
  throw invalidRequest([{ path: 'secret', message }]);
}
