import type { DescribedRequest } from '#local/iam/calls';

/** Read and write request units of one answer. */
export type Units = { readonly readUnits: number; readonly writeUnits: number };

type Answer = {
  readonly __type?: string;
  readonly ConsumedCapacity?: { CapacityUnits?: number } | { CapacityUnits?: number }[];
  readonly CancellationReasons?: readonly unknown[];
};

const READS = new Set(['GetItem', 'Query', 'Scan', 'BatchGetItem', 'TransactGetItems']);
const WRITES = new Set([
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'TransactWriteItems',
]);
const NOTHING: Units = { readUnits: 0, writeUnits: 0 };

/** The request's body with the question for what it consumes. */
export function askCapacity({ operation }: DescribedRequest, body: string): string {
  const counted = READS.has(operation) || WRITES.has(operation);
  if (!counted || body.includes('"ReturnConsumedCapacity"')) return body;
  return `${body.slice(0, -1)},"ReturnConsumedCapacity":"TOTAL"}`;
}

/**
 * What an answer says was consumed. A write that its condition refused is billed by AWS too, without saying how much:
 * it counts as the smallest item, one unit (two for each item of a cancelled transaction).
 */
export function consumed({ service, operation }: DescribedRequest, body: Buffer): Units {
  if (service !== 'dynamodb') return NOTHING;
  const answer: Answer = JSON.parse(body.toString());
  const capacities = [answer.ConsumedCapacity ?? []].flat();
  const units = capacities.reduce((sum, { CapacityUnits }) => sum + (CapacityUnits ?? 0), 0);
  if (READS.has(operation)) return { readUnits: units, writeUnits: 0 };
  if (!WRITES.has(operation)) return NOTHING;
  return { readUnits: 0, writeUnits: units + refusedUnits(answer) };
}

function refusedUnits({ __type = '', CancellationReasons = [] }: Answer): number {
  if (__type.endsWith('#ConditionalCheckFailedException')) return 1;
  return 2 * CancellationReasons.length;
}
