import type { ApiDeps } from '#functions/api/deps';
import { allOperations } from '#functions/api/operations';

/** An operation of the API as a caller knows it. */
export type Route = {
  readonly method: string;
  readonly path: string;
  readonly isPublic: boolean;
  readonly isAdminOnly: boolean;
  readonly isForPeople: boolean;
  readonly takesBody: boolean;
};

// Nothing is called, so nothing is needed.
const NOTHING = {} as ApiDeps;

/** Every operation that the API has, from its own list: a new one is tested without being named. */
export const routes: readonly Route[] = allOperations(NOTHING).map(
  ({ method, path, isPublic, isAdminOnly, isForPeople, body }) => ({
    method,
    path,
    isPublic,
    isAdminOnly,
    isForPeople,
    takesBody: body !== undefined,
  }),
);

/** Ids of what never was. */
const NO_CONNECTION = `con_${'0'.repeat(26)}`;
const NO_KEY = `key_${'0'.repeat(26)}`;

/** A route's path with ids in it. */
export function pathWith(
  path: string,
  ids: {
    readonly agent: string;
    readonly run: string;
    readonly connection?: string;
    readonly key?: string;
  },
): string {
  return path
    .replace('{id}', ids.agent)
    .replace('{run_id}', ids.run)
    .replace('{connection_id}', ids.connection ?? NO_CONNECTION)
    .replace('{key_id}', ids.key ?? NO_KEY)
    .replace('{n}', '1')
    .replace('{user_id}', 'somebody');
}
