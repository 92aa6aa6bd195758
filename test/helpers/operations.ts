import type { ApiDeps } from '#functions/api/deps';
import { agentOperations } from '#functions/api/operations/agents';
import { catalogOperations } from '#functions/api/operations/catalog';
import { runOperations } from '#functions/api/operations/runs';

/** An operation of the API as a caller knows it. */
export type Route = { readonly method: string; readonly path: string; readonly isPublic: boolean };

// Nothing is called, so nothing is needed.
const NOTHING = {} as ApiDeps;

/** Every operation that the API has, from its own list: a new one is tested without being named. */
export const routes: readonly Route[] = [
  ...catalogOperations(NOTHING),
  ...agentOperations(NOTHING),
  ...runOperations(NOTHING),
].map(({ method, path, isPublic }) => ({ method, path, isPublic }));

/** A route's path with ids in it. */
export function pathWith(
  path: string,
  ids: { readonly agent: string; readonly run: string },
): string {
  return path.replace('{id}', ids.agent).replace('{run_id}', ids.run);
}
