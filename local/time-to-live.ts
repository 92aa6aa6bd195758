import { AwsError, type JsonClient, openJsonClient } from '#local/json-client';
import type { Deployment } from '#local/types';

/** Deletes items whose time has come, as DynamoDB does and its emulator does not. */
export type TimeToLive = {
  /**
   * Look at the next page of each table, and on while there is much to delete.
   *
   * @param now epoch seconds.
   * @returns how many items were deleted.
   */
  sweep(now: number): Promise<number>;
  stop(): void;
};

type ExpiringTable = {
  readonly name: string;
  readonly keys: readonly string[];
  readonly attribute: string;
  /** Where the next page starts. */
  next: Item | undefined;
};
type Item = Record<string, unknown>;
type Page = { readonly Items: readonly Item[]; readonly LastEvaluatedKey?: Item };

const EVERY_MS = 60_000;
const PAGE_ITEMS = 500;
const MAX_PAGES = 10;

/**
 * Sweep the template's tables every minute. One sweep reads a page, so that its cost does not grow with the table.
 *
 * @param endpoint base URL of DynamoDB.
 * @param onError told when a sweep failed; the next one tries again.
 */
export function startTimeToLive(
  deployment: Deployment,
  endpoint: string,
  onError: (message: string) => void,
): TimeToLive {
  const dynamodb = openJsonClient(endpoint);
  const tables = expiringTables(deployment);

  async function sweep(now: number): Promise<number> {
    let deleted = 0;
    for (const table of tables) deleted += await sweepTable(dynamodb, table, now);
    return deleted;
  }

  const timer = setInterval(() => {
    sweep(Math.floor(Date.now() / 1000)).catch((error) => onError(`Expired items stay: ${error}`));
  }, EVERY_MS).unref();
  return {
    sweep,
    stop() {
      clearInterval(timer);
      dynamodb.close();
    },
  };
}

function expiringTables(deployment: Deployment): ExpiringTable[] {
  return ['AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table'].flatMap((type) =>
    deployment.resourcesOf(type).flatMap(([logicalId, { Properties = {} }]) => {
      const { TimeToLiveSpecification, KeySchema } = deployment.resolve(Properties) as {
        TimeToLiveSpecification?: { AttributeName: string; Enabled: boolean };
        KeySchema: readonly { AttributeName: string }[];
      };
      if (!TimeToLiveSpecification?.Enabled) return [];
      return {
        name: deployment.physical(logicalId),
        keys: KeySchema.map(({ AttributeName }) => AttributeName),
        attribute: TimeToLiveSpecification.AttributeName,
        next: undefined,
      };
    }),
  );
}

async function sweepTable(
  dynamodb: JsonClient,
  table: ExpiringTable,
  now: number,
): Promise<number> {
  let deleted = 0;
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const expired = await nextPage(dynamodb, table, now);
    for (const item of expired) deleted += await remove(dynamodb, table, item, now);
    if (expired.length * 2 < PAGE_ITEMS) break;
  }
  return deleted;
}

/** Expired items of the next page; after the last page it starts anew. */
async function nextPage(
  dynamodb: JsonClient,
  table: ExpiringTable,
  now: number,
): Promise<readonly Item[]> {
  const keyNames = table.keys.map((key, index) => [`#k${index}`, key]);
  const page = await dynamodb.call<Page>('DynamoDB_20120810.Scan', {
    TableName: table.name,
    Limit: PAGE_ITEMS,
    ProjectionExpression: keyNames.map(([name]) => name).join(', '),
    ...condition(table, now, Object.fromEntries(keyNames)),
    ...(table.next && { ExclusiveStartKey: table.next }),
  });
  table.next = page.LastEvaluatedKey;
  return page.Items;
}

async function remove(
  dynamodb: JsonClient,
  table: ExpiringTable,
  item: Item,
  now: number,
): Promise<number> {
  const { FilterExpression: ConditionExpression, ...values } = condition(table, now);
  try {
    // An item may have got a later time since it was read.
    await dynamodb.call('DynamoDB_20120810.DeleteItem', {
      TableName: table.name,
      Key: item,
      ConditionExpression,
      ...values,
    });
    return 1;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ConditionalCheckFailedException') return 0;
    throw error;
  }
}

function condition({ attribute }: ExpiringTable, now: number, otherNames: Item = {}) {
  return {
    FilterExpression: '#expires < :now',
    ExpressionAttributeNames: { '#expires': attribute, ...otherNames },
    ExpressionAttributeValues: { ':now': { N: String(now) } },
  };
}
