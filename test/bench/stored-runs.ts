import {
  type AttributeValue,
  BatchWriteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
} from '@aws-sdk/client-dynamodb';
import { withTable } from '#test/helpers/stored-table';

type Item = Record<string, AttributeValue>;

/** As many as one request may hold. */
const BATCH = 25;
const AT_ONCE = 4;
const RANDOM_PART = 16;
const DIGITS = 8;

/**
 * Stores copies of a finished run, with ids that sort before it: what a table holds that has long been in use.
 *
 * @param dataDir of a product that does not run
 * @param from number of the first copy; each number is another run
 */
export async function storeCopies(
  dataDir: string,
  run: { readonly userId: string; readonly runId: string },
  { from, to }: { readonly from: number; readonly to: number },
): Promise<void> {
  await withTable(dataDir, async (table, TableName) => {
    const Key = { pk: { S: `RUN#${run.userId}#${run.runId}` }, sk: { S: 'RUN' } };
    const { Item } = await table.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    if (Item === undefined) throw new Error(`There is no item of ${run.runId}.`);
    let next = from;
    const write = async () => {
      while (next < to) {
        const first = next;
        next = Math.min(to, first + BATCH);
        const copies = Array.from({ length: next - first }, (_, n) => copyOf(Item, run, first + n));
        await putAll(table, TableName, copies);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, write));
  });
}

async function putAll(table: DynamoDBClient, name: string, items: readonly Item[]): Promise<void> {
  const requests = items.map((Item) => ({ PutRequest: { Item } }));
  const { UnprocessedItems } = await table.send(
    new BatchWriteItemCommand({ RequestItems: { [name]: requests } }),
  );
  if (Object.keys(UnprocessedItems ?? {}).length > 0) throw new Error('Not all was stored.');
}

/** The same run under another id. */
function copyOf(item: Item, { userId, runId }: { userId: string; runId: string }, n: number): Item {
  const copyId = `${runId.slice(0, -RANDOM_PART)}${'0'.repeat(RANDOM_PART - DIGITS)}${String(n).padStart(DIGITS, '0')}`;
  return { ...item, pk: { S: `RUN#${userId}#${copyId}` }, run_id: { S: copyId } };
}
