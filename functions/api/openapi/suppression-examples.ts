import type { SuppressionView } from '#core/api/suppression';
import type { OperationExample } from '#functions/api/openapi/example';

const ADDRESS = 'nobody@example.com';

/** An address on the suppression list. */
export const suppression: SuppressionView = {
  address: ADDRESS,
  reason: 'bounce',
  detail: '550 5.1.1 user unknown',
  since: '2026-11-22T09:00:00.250Z',
};

/** Examples of the suppression list. */
export const suppressionExamples: Readonly<Record<string, OperationExample>> = {
  listSuppressions: { answers: { 200: { items: [suppression], next_cursor: null } } },
  deleteSuppression: { params: { address: ADDRESS }, answers: {} },
};
