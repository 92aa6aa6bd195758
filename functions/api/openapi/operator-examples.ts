import type { OperationExample } from '#functions/api/openapi/example';
import { USER_ID } from '#functions/api/openapi/example-ids';
import { usage } from '#functions/api/openapi/usage-examples';

const act = {
  id: 'aud_01kb8y2q7t3v5x9z1a2b3c4d5e',
  at: '2026-11-22T09:00:00.000Z',
  action: 'credits.adjusted',
  actor: { kind: 'admin', user_id: 'operator', email: null, api_key_id: null },
  ip: '203.0.113.7',
  forwarded_for: null,
  account: USER_ID,
  target: null,
  details: { applied: 1_000, reason: 'order 4711' },
};

const running = {
  paused: false,
  reason: 'the provider is back',
  since: '2026-11-22T09:00:00.000Z',
  by: 'operator',
};

/** Examples of what operators do, and of what is written down of it. */
export const operatorExamples: Readonly<Record<string, OperationExample>> = {
  adjustCredits: {
    headers: { 'Idempotency-Key': 'order-4711' },
    body: { user_id: USER_ID, amount: 1_000, reason: 'order 4711' },
    answers: { 200: { user_id: USER_ID, applied: 1_000, balance: 5_871 } },
  },
  setAccount: {
    params: { user_id: USER_ID },
    body: { plan: 'builder' },
    answers: { 200: { user_id: USER_ID, suspended: false, ...usage } },
  },
  setPause: {
    body: { paused: false, reason: 'the provider is back' },
    answers: { 200: running },
  },
  getPause: { answers: { 200: running } },
  listAudit: { query: { limit: 25 }, answers: { 200: { items: [act], next_cursor: null } } },
  listAdminAudit: {
    query: { limit: 25 },
    answers: { 200: { items: [act], next_cursor: null } },
  },
};
