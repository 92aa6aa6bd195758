import type { LedgerEntryView, UsageView } from '#core/api/usage';
import type { OperationExample } from '#functions/api/openapi/example';
import { RUN_ID } from '#functions/api/openapi/example-ids';

/** A plan with what is left of it. */
export const usage: UsageView = {
  plan: 'builder',
  credits: { balance: 4_871, reserved: 2 },
  runs: { month: 129, limit: 1_000 },
  concurrency: { running: 1, limit: 5 },
  hourly: { used: 12, limit: 300 },
  renews_at: '2026-12-01T00:00:00.000Z',
  hint: null,
};

const ledger: LedgerEntryView[] = [
  {
    at: '2026-11-22T09:00:00.003Z',
    kind: 'reserve',
    amount: -1,
    run_id: RUN_ID,
    reason: null,
    balance_after: 4_999,
  },
  {
    at: '2026-11-20T08:29:11.000Z',
    kind: 'grant',
    amount: 5_000,
    run_id: null,
    reason: null,
    balance_after: 5_000,
  },
];

/** Examples of what users see of their credits. */
export const usageExamples: Readonly<Record<string, OperationExample>> = {
  getUsage: { answers: { 200: usage } },
  getSpending: {
    answers: { 200: { days: [{ date: '2026-11-22', credits: 129 }], truncated: false } },
  },
  listLedger: { query: { limit: 25 }, answers: { 200: { items: ledger, next_cursor: null } } },
};
