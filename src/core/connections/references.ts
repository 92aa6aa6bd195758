import type { ActionCatalog } from '#core/action';
import type { ConnectionStore } from '#core/connections/connection';
import type { ChosenConnection, ConnectionField } from '#core/connections/connection-field';
import { type ConnectionKind, connectionKinds } from '#core/connections/kinds';
import { type FieldProblem, invalidRequest } from '#core/errors';
import { fieldPath } from '#core/field-path';
import { isId } from '#core/ids';

/** A place in a definition that names a connection. */
type Reference = {
  readonly path: string;
  readonly id: string;
  readonly kinds: readonly ConnectionKind[];
  /** What does not suit this connection around the place. */
  check?(connection: ChosenConnection): FieldProblem | undefined;
};

/** What checking references works with. */
export type ReferenceDeps = {
  readonly catalog: ActionCatalog;
  readonly connections: Pick<ConnectionStore, 'find'>;
};

/**
 * Checks that every connection that actions name, nested ones too, is this user's and of a kind
 * that fits.
 *
 * @param steps the actions, which are otherwise correct
 * @param path where they stand in the request
 * @throws RequestError `invalid_request` that names each bad field; somebody else's connection is
 *   answered like one that never was
 */
export async function checkConnections(
  userId: string,
  steps: unknown,
  path: string,
  deps: ReferenceDeps,
): Promise<void> {
  const references = [...referencesIn(steps, path, deps.catalog)];
  const problems = await Promise.all(references.map((one) => problemOf(userId, one, deps)));
  const found = problems.filter((problem) => problem !== undefined);
  if (found.length > 0) throw invalidRequest(found);
}

/** Checks one place that names a connection. @throws RequestError `invalid_request` */
export async function checkConnection(
  userId: string,
  reference: Reference,
  deps: ReferenceDeps,
): Promise<void> {
  const problem = await problemOf(userId, reference, deps);
  if (problem !== undefined) throw invalidRequest([problem]);
}

async function problemOf(
  userId: string,
  { path, id, kinds, check }: Reference,
  { connections }: ReferenceDeps,
): Promise<FieldProblem | undefined> {
  if (id.includes('{{')) {
    return { path, message: 'Name the connection itself: data cannot choose it.' };
  }
  const found = isId('con', id) ? await connections.find(userId, id) : undefined;
  if (found === undefined) {
    return { path, message: 'There is no such connection. GET /api/connections lists yours.' };
  }
  if (kinds.includes(found.kind)) return check?.(found);
  const wanted = kinds.map((kind) => connectionKinds[kind].title).join(' or ');
  const { title } = connectionKinds[found.kind];
  return { path, message: `This connection is of the kind ${title}. Choose one of ${wanted}.` };
}

/** Properties that hold further steps; anything else in a config is the action's own. */
const NESTED: ReadonlySet<string> = new Set(['actions', 'branches', 'otherwise']);

/** The ids of the connections that an action's config names. */
export function connectionIds(
  config: unknown,
  { connections = [] }: { readonly connections?: readonly ConnectionField[] },
): string[] {
  const ids = connections.flatMap(({ at }) => connectionAt(at, config) ?? []);
  return [...new Set(ids)];
}

function connectionAt(at: ConnectionField['at'], config: unknown): string | undefined {
  const id = at.reduce<unknown>((inner, name) => Object(inner)[name], config);
  return typeof id === 'string' ? id : undefined;
}

function referenceIn(
  config: object,
  { at, kinds, check }: ConnectionField,
  id: string,
  base: string,
): Reference {
  return {
    path: fieldPath(at, base),
    id,
    kinds,
    check(connection) {
      const problem = check?.(connection, config);
      return problem && { path: fieldPath(problem.path, base), message: problem.message };
    },
  };
}

function* referencesIn(value: unknown, path: string, catalog: ActionCatalog): Generator<Reference> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield* referencesIn(item, `${path}[${index}]`, catalog);
    }
    return;
  }
  const { type, config } = value as { type?: unknown; config?: unknown };
  const isStep = typeof type === 'string' && typeof config === 'object' && config !== null;
  if (isStep) {
    for (const field of catalog.find(type)?.connections ?? []) {
      const id = connectionAt(field.at, config);
      if (id !== undefined) yield referenceIn(config, field, id, `${path}.config`);
    }
  }
  const holder = isStep ? config : value;
  const base = isStep ? `${path}.config` : path;
  for (const [name, child] of Object.entries(holder)) {
    if (NESTED.has(name)) yield* referencesIn(child, fieldPath([name], base), catalog);
  }
}
