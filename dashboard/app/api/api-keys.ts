import { queryOptions } from '@tanstack/react-query';
import { call } from '#dashboard/app/api/client.ts';

/** All API keys of the person; there are twenty at most. */
export function apiKeysQuery() {
  return queryOptions({
    queryKey: ['api-keys'],
    queryFn: async ({ signal }) =>
      (await call('listApiKeys', { query: { limit: 100 }, signal })).items,
  });
}
