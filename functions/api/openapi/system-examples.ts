import type { OperationExample } from '#functions/api/openapi/example';

const ID = 'run_01kb7q4c9d2e5f8g1h3j6k7m0n:0';
const AT = '2026-11-22T09:00:01.250Z';

/** Examples of what the product's own automations have kept. */
export const systemExamples: Readonly<Record<string, OperationExample>> = {
  listLeads: {
    answers: {
      200: {
        items: [
          { id: ID, at: AT, email: 'grace@example.com', name: 'Grace', source: 'pricing page' },
        ],
        next_cursor: null,
      },
    },
  },
  redrive: {
    body: { limit: 10 },
    answers: {
      200: {
        items: [
          {
            outcome: 'replayed',
            user_id: 'alice',
            run_id: 'run_01kb7q4c9d2e5f8g1h3j6k7m0n',
            new_run_id: 'run_01kb7q9x2c4d6e8f0g1h3j5k7m',
            problem: null,
          },
        ],
      },
    },
  },
  listRecords: {
    query: { collection: 'checks' },
    answers: {
      200: { items: [{ id: ID, at: AT, data: { status: 'success' } }], next_cursor: null },
    },
  },
};
