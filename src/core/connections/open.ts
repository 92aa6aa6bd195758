import { createHash } from 'node:crypto';
import type {
  Connection,
  ConnectionStore,
  Connections,
  OpenOptions,
  StoredConnection,
} from '#core/connections/connection';
import { credentialOf, type Secret, textsToHide } from '#core/connections/credentials';
import { connectionKinds } from '#core/connections/kinds';
import { shownHost } from '#core/connections/origins';
import { rememberedTokens, type Tokens } from '#core/connections/tokens';
import { ActionRejectedError } from '#core/errors';
import type { Http, OutgoingRequest } from '#core/http';
import { isId } from '#core/ids';
import type { Clock } from '#core/ports';
import type { SecretBox } from '#core/secret-box';

/** What opening connections works with. */
export type OpenDeps = {
  readonly store: Pick<ConnectionStore, 'find'>;
  readonly secrets: Pick<SecretBox, 'open'>;
  /** Used unless a caller brings another. */
  readonly http: Http;
  readonly clock: Clock;
};

/** Connections from a store, their credentials kept from everybody who uses them. */
export function openConnections(deps: OpenDeps): Connections {
  const tokens = rememberedTokens(deps.clock);
  const find = async (userId: string, id: string) =>
    isId('con', id) ? deps.store.find(userId, id) : undefined;
  return {
    async version(userId, id) {
      const stored = await find(userId, id);
      return stored && { id, name: stored.name, version: stored.version ?? 1 };
    },

    async open(userId, id, kinds, options) {
      const stored = await find(userId, id);
      if (stored === undefined) {
        throw new ActionRejectedError(
          `There is no connection ${shown(id)}: it may have been deleted. Choose another one in the step.`,
        );
      }
      if (!kinds.includes(stored.kind)) throw wrongKind(stored, kinds);
      const secret = await openSecret(stored, deps);
      for (const text of textsToHide(stored, secret)) options.onSecret(text);
      const { kind, name, settings, version = 1 } = stored;
      const url = kind === 'slack_webhook' ? secret['url'] : undefined;
      const ways = waysOut(stored, secret, options, { ...deps, tokens });
      return { id, kind, name, settings, version, ...ways, ...(url !== undefined && { url }) };
    },
  };
}

async function openSecret(stored: StoredConnection, { secrets }: OpenDeps): Promise<Secret> {
  const context = { userId: stored.userId, connectionId: stored.id };
  return JSON.parse(await secrets.open(stored.sealed, context)) as Secret;
}

function shown(id: string): string {
  return isId('con', id) ? id : 'of this id';
}

function wrongKind(stored: StoredConnection, kinds: readonly StoredConnection['kind'][]): Error {
  const wanted = kinds.map((kind) => connectionKinds[kind].title).join(' or ');
  return new ActionRejectedError(
    `The connection "${stored.name}" is of the kind ${connectionKinds[stored.kind].title}; this needs ${wanted}.`,
  );
}

/**
 * The ways out with the credential on them. Services of their own never redirect: what does is not the
 * service, and a POST that became a GET would pass for one that was done.
 */
function waysOut(
  stored: StoredConnection,
  secret: Secret,
  { onSecret, scopes = [], ...given }: OpenOptions,
  { tokens, clock, ...deps }: OpenDeps & { readonly tokens: Tokens },
): Pick<Connection, 'http' | 'authorize'> {
  const http = connectionKinds[stored.kind].choosesHosts
    ? (given.http ?? deps.http)
    : unredirected(given.http ?? deps.http);
  const credential = credentialOf(stored, secret, scopes);
  if (credential.by === 'token') {
    const name = tokenName(stored, scopes);
    const request = () => credential.request(clock.now());
    const ask = (signal: AbortSignal) => tokens.get(name, request, { http, signal, onSecret });
    return {
      async authorize(signal) {
        await ask(signal);
      },
      http: {
        async send(request, options) {
          checkOrigin(request.url, stored);
          const token = await ask(options.signal);
          const response = await http.send(withHeaders(request, bearer(token)), options);
          if (response.status !== 401) return response;
          // It may have been revoked before its time: one fresh token is tried.
          tokens.forget(name, token);
          return http.send(withHeaders(request, bearer(await ask(options.signal))), options);
        },
      },
    };
  }
  const headersFor = (request: OutgoingRequest) => {
    if (credential.by === 'signature') return credential.sign(request, clock.now());
    return credential.by === 'headers' ? credential.headers : {};
  };
  return {
    http: {
      async send(request, options) {
        checkOrigin(request.url, stored);
        return http.send(withHeaders(request, headersFor(request)), options);
      },
    },
  };
}

function unredirected(http: Http): Http {
  return { send: (request, options) => http.send({ ...request, redirects: 0 }, options) };
}

function bearer(token: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}` };
}

/** A changed connection has other tokens; a deleted one's id never comes back. */
function tokenName(
  { userId, id, sealed, settings }: StoredConnection,
  scopes: readonly string[],
): string {
  const parts = JSON.stringify([userId, id, sealed, settings, scopes]);
  return createHash('sha256').update(parts).digest('base64');
}

function checkOrigin(url: string, { name, origins }: StoredConnection): void {
  const target = URL.parse(url);
  // Whether such an address may be reached at all is judged further on.
  const origin = target && `${target.protocol}//${target.host.replace(/\.(?=:|$)/, '')}`;
  if (origin !== null && origins.includes(origin)) return;
  const hosts = origins.map(shownHost).join(', ') || 'no host';
  throw new ActionRejectedError(
    `The connection "${name}" may be used for ${hosts}, not for ${target?.host ?? 'this address'}. Make one for that host if you trust it.`,
  );
}

/** The credential takes the place of headers of the same name, however they are written. */
function withHeaders(
  request: OutgoingRequest,
  headers: Readonly<Record<string, string>>,
): OutgoingRequest {
  const others = Object.entries(request.headers).filter(
    ([name]) => headers[name.toLowerCase()] === undefined,
  );
  return { ...request, headers: { ...Object.fromEntries(others), ...headers } };
}
