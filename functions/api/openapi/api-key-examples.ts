import type { ApiKeyView } from '#core/api/api-key';
import type { OperationExample } from '#functions/api/openapi/example';

const KEY_ID = 'key_01kb7q2a6b9c3d7e0f4g8h1j5k';

/** An API key without the key. */
export const apiKey: ApiKeyView = {
  id: KEY_ID,
  name: 'Nightly import',
  last_four: 'x9Qw',
  created_at: '2026-11-20T08:30:00.000Z',
  expires_at: '2036-01-01T00:00:00.000Z',
  last_used_on: '2026-11-22',
};

/** Examples of API keys. */
export const apiKeyExamples: Readonly<Record<string, OperationExample>> = {
  createApiKey: {
    body: { name: 'Nightly import', expires_at: '2036-01-01T00:00:00Z' },
    answers: {
      201: {
        ...apiKey,
        last_used_on: null,
        key: 'crk_this-is-not-a-real-key-only-an-example-x9Qw',
      },
    },
  },
  listApiKeys: { answers: { 200: { items: [apiKey], next_cursor: null } } },
  deleteApiKey: { params: { key_id: KEY_ID }, answers: {} },
};
