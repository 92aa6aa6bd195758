import * as z from 'zod';
import type { ExportItem } from '#core/api/account';
import { presentApiKey } from '#core/api/api-key';
import { decodeCursor, encodeCursor } from '#core/cursor';
import { isId } from '#core/ids';
import type { Slice } from '#core/ports';
import type { Run } from '#core/runs/run';
import { agentViewer } from '#functions/api/agent-viewer';
import type { ApiDeps } from '#functions/api/deps';
import { runParts } from '#functions/api/export-run';
import { presentConnection, presentVersion } from '#functions/api/present';
import { ANSWER_BYTES } from '#functions/api/present-run';

/** The query of `GET /api/account/export`. */
export const ExportQuery = z.strictObject({
  limit: z.coerce
    .number('This must be a whole number from 1 to 1000.')
    .int()
    .min(1)
    .max(1_000)
    .default(1_000)
    .describe('Most entries a page.'),
  cursor: z.string().max(500).optional().describe("The previous page's next_cursor."),
});

/** Where to go on: behind which entry of which kind, and behind which part of it. */
const Position = z.tuple([
  z.enum(['agents', 'versions', 'removed', 'connections', 'api_keys', 'suppressions', 'runs']),
  z.string(),
  z.string(),
]);
type Position = z.infer<typeof Position>;

type Piece = { readonly item: ExportItem; readonly position: Position };

/** Entries that are read at once: runs are read with their steps. */
const CHUNK = 25;

/** Time that is kept for the answer, in milliseconds. */
const RESERVE_MS = 10_000;

/**
 * One page of all that a user has: agents, their versions (also those of deleted agents), connections
 * and API keys without their secrets, addresses that get no e-mail any more, runs with their steps (those inside of
 * loops, too) and logs. A page ends when it is full, by number, by size or by time.
 */
export async function exportPage(
  userId: string,
  query: z.infer<typeof ExportQuery>,
  deps: ApiDeps,
  msLeft: () => number,
) {
  const list = `export ${userId}`;
  const start = startOf(decodeCursor(list, query.cursor));
  const items: ExportItem[] = [];
  let bytes = 0;
  let last = start;
  for await (const { item, position } of pieces(userId, start, deps)) {
    const size = Buffer.byteLength(JSON.stringify(item));
    const isFull = bytes + size > ANSWER_BYTES || items.length === query.limit;
    if (items.length > 0 && (isFull || msLeft() < RESERVE_MS)) {
      return { items, next_cursor: encodeCursor(list, JSON.stringify(last)) };
    }
    items.push(item);
    bytes += size;
    last = position;
  }
  return { items, next_cursor: null };
}

/** A cursor that somebody made up starts from the beginning. */
function startOf(position: string | undefined): Position {
  const start: Position = ['agents', '', ''];
  if (position === undefined) return start;
  try {
    return Position.catch(start).parse(JSON.parse(position));
  } catch {
    return start;
  }
}

async function* pieces(userId: string, start: Position, deps: ApiDeps): AsyncGenerator<Piece> {
  const [stage, id, part] = start;
  const from = (name: Position[0]) => (name === stage && id !== '' ? { id, part } : undefined);
  const stages: Record<Position[0], () => AsyncGenerator<Piece>> = {
    agents: () => agentPieces(userId, from('agents')?.id, deps),
    versions: () => versionPieces('versions', userId, from('versions'), deps),
    removed: () => versionPieces('removed', userId, from('removed'), deps),
    connections: () => connectionPieces(userId, from('connections')?.id, deps),
    api_keys: () => apiKeyPieces(userId, from('api_keys')?.id, deps),
    suppressions: () => suppressionPieces(userId, from('suppressions')?.id, deps),
    runs: () => runPieces(userId, from('runs'), deps),
  };
  const names = Position.def.items[0].options;
  for (const name of names.slice(names.indexOf(stage))) yield* stages[name]();
}

/** Where a stage goes on. */
type Behind = { readonly id: string; readonly part: string } | undefined;

async function* agentPieces(
  userId: string,
  behind: string | undefined,
  deps: ApiDeps,
): AsyncGenerator<Piece> {
  const { view } = agentViewer(deps);
  const read = (after?: string) => deps.agents.list(userId, { limit: CHUNK, after });
  for await (const agent of entries(read, behind)) {
    yield { item: { kind: 'agent', agent: await view(agent) }, position: ['agents', agent.id, ''] };
  }
}

async function* connectionPieces(
  userId: string,
  behind: string | undefined,
  deps: ApiDeps,
): AsyncGenerator<Piece> {
  const read = (after?: string) => deps.connections.list(userId, { limit: CHUNK, after });
  for await (const connection of entries(read, behind)) {
    const item = { kind: 'connection', connection: presentConnection(connection) } as const;
    yield { item, position: ['connections', connection.id, ''] };
  }
}

async function* apiKeyPieces(
  userId: string,
  behind: string | undefined,
  deps: ApiDeps,
): AsyncGenerator<Piece> {
  const read = (after?: string) => deps.apiKeys.list(userId, { limit: CHUNK, after });
  for await (const key of entries(read, behind)) {
    const item = { kind: 'api_key', api_key: presentApiKey(key) } as const;
    yield { item, position: ['api_keys', key.id, ''] };
  }
}

async function* suppressionPieces(
  userId: string,
  behind: string | undefined,
  deps: ApiDeps,
): AsyncGenerator<Piece> {
  const read = (after?: string) => deps.suppressions.list(userId, { limit: CHUNK, after });
  for await (const suppression of entries(read, behind)) {
    const position: Position = ['suppressions', suppression.address, ''];
    yield { item: { kind: 'suppression', suppression }, position };
  }
}

async function* versionPieces(
  stage: 'versions' | 'removed',
  userId: string,
  behind: Behind,
  deps: ApiDeps,
): AsyncGenerator<Piece> {
  const ids = async (after?: string): Promise<Slice<string>> => {
    const page = { limit: CHUNK, after };
    if (stage === 'removed') return deps.account.removedAgents(userId, page);
    const { items, next } = await deps.agents.list(userId, page);
    return { items: items.map((agent) => agent.id), next };
  };
  if (behind !== undefined) yield* versionsOf(stage, userId, behind.id, behind.part, deps);
  for await (const id of entries(ids, behind?.id)) {
    yield* versionsOf(stage, userId, id, undefined, deps);
  }
}

async function* versionsOf(
  stage: 'versions' | 'removed',
  userId: string,
  agentId: string,
  behind: string | undefined,
  deps: ApiDeps,
): AsyncGenerator<Piece> {
  const read = (after?: string) => deps.agents.versions(userId, agentId, { limit: CHUNK, after });
  for await (const version of entries(read, behind)) {
    const item = {
      kind: 'agent_version',
      agent_id: agentId,
      version: presentVersion(version),
    } as const;
    yield { item, position: [stage, agentId, String(version.version)] };
  }
}

async function* runPieces(userId: string, behind: Behind, deps: ApiDeps): AsyncGenerator<Piece> {
  const read = (after?: string) => deps.runs.list({ userId }, { limit: CHUNK, after });
  if (behind !== undefined && isId('run', behind.id)) {
    const run = await deps.runs.find({ userId, runId: behind.id });
    if (run !== undefined) yield* piecesOf(run, behind.part, deps);
  }
  for await (const run of entries(read, behind?.id)) yield* piecesOf(run, undefined, deps);
}

async function* piecesOf(
  run: Run,
  behind: string | undefined,
  deps: ApiDeps,
): AsyncGenerator<Piece> {
  for await (const { item, part } of runParts(run, behind, deps)) {
    yield { item, position: ['runs', run.runId, part] };
  }
}

/** All entries of a list behind one of them, read page by page. */
async function* entries<Item>(
  read: (after?: string) => Promise<Slice<Item>>,
  behind: string | undefined,
): AsyncGenerator<Item> {
  let after = behind;
  do {
    const page = await read(after);
    yield* page.items;
    after = page.next;
  } while (after !== undefined);
}
