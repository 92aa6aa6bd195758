import type { ConnectionView } from '#core/api/connection';
import type { OperationExample } from '#functions/api/openapi/example';

const CONNECTION_ID = 'con_01kb7q2a6b9c3d7e0f4g8h1j5k';

/** A stored credential. */
export const connection: ConnectionView = {
  id: CONNECTION_ID,
  kind: 'http_bearer',
  name: 'CRM',
  settings: {},
  allowed_hosts: ['hooks.example.com'],
  version: 1,
  created_at: '2026-11-20T08:30:00.000Z',
  updated_at: '2026-11-20T08:30:00.000Z',
};

const ofConnection = { params: { connection_id: CONNECTION_ID } };

/** Examples of credentials for other services. */
export const connectionExamples: Readonly<Record<string, OperationExample>> = {
  createConnection: {
    body: {
      kind: 'http_bearer',
      name: 'CRM',
      allowed_hosts: ['hooks.example.com'],
      secret: { token: 'not-a-real-token' },
    },
    answers: { 201: connection },
  },
  listConnections: { answers: { 200: { items: [connection], next_cursor: null } } },
  changeConnection: {
    ...ofConnection,
    body: { name: 'CRM, read only', secret: { token: 'another-token-of-no-use' } },
    answers: {
      200: { ...connection, name: 'CRM, read only', updated_at: '2026-11-22T09:12:00.000Z' },
    },
  },
  deleteConnection: { ...ofConnection, answers: {} },
  testConnection: {
    ...ofConnection,
    answers: { 200: { ok: true, message: 'hooks.example.com answered 200.' } },
  },
};
