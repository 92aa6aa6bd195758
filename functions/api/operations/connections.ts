import { ConnectionPage, ConnectionTestView, ConnectionView } from '#core/api/connection';
import { ChangeConnection, changeConnection } from '#core/connections/change';
import { createConnection, deleteConnection, getConnection } from '#core/connections/connections';
import { CreateConnection } from '#core/connections/kinds';
import { testConnection } from '#core/connections/probe';
import { decodeCursor, encodeCursor, PageQuery } from '#core/cursor';
import type { ApiDeps } from '#functions/api/deps';
import { noteAct } from '#functions/api/note-act';
import { defineOperation, type Operation, reply } from '#functions/api/operation';
import { presentConnection } from '#functions/api/present';
import { takeTry } from '#functions/api/tries';

/** Largest body of a new connection, in bytes: a key file is the largest secret. */
const MAX_BODY_BYTES = 16_384;

/** Longest that a test may take, in milliseconds. */
const TEST_MS = 20_000;

/** Credentials for other services: kept, listed without their secrets, tried, deleted. */
export function connectionOperations(deps: ApiDeps): Operation[] {
  return [
    defineOperation({
      id: 'createConnection',
      tag: 'Connections',
      method: 'POST',
      path: '/api/connections',
      summary: 'Store a credential for steps to use',
      description:
        'The secret is encrypted for you and this connection, and never shown again by anything. A step names the connection by its id.',
      body: CreateConnection,
      maxBodyBytes: MAX_BODY_BYTES,
      answers: { 201: { description: 'The connection.', schema: ConnectionView } },
      async handle(call) {
        const made = await createConnection(call.caller.userId, call.body, deps);
        const { id: target, kind, name } = made;
        await noteAct(
          call,
          { action: 'connection.created', target, details: { kind, name } },
          deps,
        );
        return reply(201, presentConnection(made));
      },
    }),
    defineOperation({
      id: 'listConnections',
      tag: 'Connections',
      method: 'GET',
      path: '/api/connections',
      summary: 'List your connections, newest first',
      query: PageQuery,
      answers: { 200: { description: 'A page of connections.', schema: ConnectionPage } },
      async handle({ caller, query }) {
        const list = `connections ${caller.userId}`;
        const page = await deps.connections.list(caller.userId, {
          limit: query.limit,
          after: decodeCursor(list, query.cursor),
        });
        const items = page.items.map(presentConnection);
        return reply(200, { items, next_cursor: encodeCursor(list, page.next) });
      },
    }),
    defineOperation({
      id: 'changeConnection',
      tag: 'Connections',
      method: 'PATCH',
      path: '/api/connections/{connection_id}',
      summary: 'Rename a connection, change its settings or hosts, or replace its secret',
      description:
        'What is left out stays as it is; settings and secret are replaced whole. Steps that begin afterwards use it as it is then. A change that has the secret sent to another place than before takes the secret, too.',
      body: ChangeConnection,
      answers: { 200: { description: 'The connection.', schema: ConnectionView } },
      errors: ['conflict'],
      async handle(call) {
        const target = call.params['connection_id'] ?? '';
        const changed = await changeConnection(call.caller.userId, target, call.body, deps);
        const fields = Object.keys(call.body).join(', ');
        await noteAct(call, { action: 'connection.changed', target, details: { fields } }, deps);
        return reply(200, presentConnection(changed));
      },
    }),
    defineOperation({
      id: 'deleteConnection',
      tag: 'Connections',
      method: 'DELETE',
      path: '/api/connections/{connection_id}',
      summary: 'Delete a connection and its secret',
      description:
        'Steps that name it fail from then on, and say so. Deleting a connection again is fine.',
      answers: { 204: { description: 'It is gone.' } },
      async handle(call) {
        const target = call.params['connection_id'] ?? '';
        await deleteConnection(call.caller.userId, target, deps);
        await noteAct(call, { action: 'connection.deleted', target }, deps);
        return reply(204);
      },
    }),
    defineOperation({
      id: 'testConnection',
      tag: 'Connections',
      method: 'POST',
      path: '/api/connections/{connection_id}/test',
      summary: 'Find out whether a credential works',
      description:
        'Asks the service something harmless. What goes wrong there is answered with 200 and ok false.',
      answers: { 200: { description: 'What was found.', schema: ConnectionTestView } },
      errors: ['forbidden'],
      async handle({ caller, params }) {
        const { userId } = caller;
        const { id } = await getConnection(userId, params['connection_id'] ?? '', deps);
        await takeTry(userId, 'connection', deps);
        const { connections } = await deps.loadWorld();
        const signal = AbortSignal.timeout(TEST_MS);
        return reply(200, await testConnection(userId, id, connections, signal));
      },
    }),
  ];
}
