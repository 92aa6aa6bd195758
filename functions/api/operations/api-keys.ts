import { ApiKeyPage, NewApiKeyView, presentApiKey } from '#core/api/api-key';
import { CreateApiKey, createApiKey, deleteApiKey, MOST_API_KEYS } from '#core/api-keys';
import { decodeCursor, encodeCursor, PageQuery } from '#core/cursor';
import type { ApiDeps } from '#functions/api/deps';
import { noteAct } from '#functions/api/note-act';
import { defineOperation, type Operation, reply } from '#functions/api/operation';

/** Credentials for programs that call the API: made, listed without the keys, removed. */
export function apiKeyOperations(deps: ApiDeps): Operation[] {
  return [
    defineOperation({
      id: 'createApiKey',
      tag: 'Account',
      isForPeople: true,
      method: 'POST',
      path: '/api/keys',
      summary: 'Make an API key for a program',
      description: `Send it as a bearer token: it may do what you may, but manage keys, export or delete the account, and act as an admin. It is shown in this answer and never again; only its SHA-256 digest is kept. At most ${MOST_API_KEYS} a user.`,
      body: CreateApiKey,
      answers: { 201: { description: 'The key, this once.', schema: NewApiKeyView } },
      errors: ['conflict'],
      async handle(call) {
        const { made, key } = await createApiKey(call.caller.userId, call.body, deps);
        const { id: target, name, lastFour: last_four } = made;
        await noteAct(
          call,
          { action: 'api_key.created', target, details: { name, last_four } },
          deps,
        );
        return reply(201, { ...presentApiKey(made), key });
      },
    }),
    defineOperation({
      id: 'listApiKeys',
      tag: 'Account',
      isForPeople: true,
      method: 'GET',
      path: '/api/keys',
      summary: 'List your API keys, newest first',
      description: 'Expired ones, too, until they are removed.',
      query: PageQuery,
      answers: { 200: { description: 'A page of API keys.', schema: ApiKeyPage } },
      async handle({ caller, query }) {
        const list = `keys ${caller.userId}`;
        const page = await deps.apiKeys.list(caller.userId, {
          limit: query.limit,
          after: decodeCursor(list, query.cursor),
        });
        const next_cursor = encodeCursor(list, page.next);
        return reply(200, { items: page.items.map(presentApiKey), next_cursor });
      },
    }),
    defineOperation({
      id: 'deleteApiKey',
      tag: 'Account',
      isForPeople: true,
      method: 'DELETE',
      path: '/api/keys/{key_id}',
      summary: 'Remove an API key',
      description: 'It is refused from the next request on. Removing it again is fine.',
      answers: { 204: { description: 'It is gone.' } },
      async handle(call) {
        const target = call.params['key_id'] ?? '';
        await deleteApiKey(call.caller.userId, target, deps);
        await noteAct(call, { action: 'api_key.deleted', target }, deps);
        return reply(204);
      },
    }),
  ];
}
