import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { keys } from '#adapters/dynamo-keys';
import type { Clock } from '#core/ports';
import type { KeptRecord, RecordStore } from '#core/runs/records';

/** Records in the table, one partition a collection. */
export function dynamoRecords(
  table: DynamoDBDocumentClient,
  TableName: string,
  clock: Clock,
): RecordStore {
  return {
    async put(collection, id, data) {
      const at = new Date(clock.now()).toISOString();
      const Item = { ...keys.record(collection, id), at, data: JSON.stringify(data) };
      await table.send(new PutCommand({ TableName, Item }));
    },

    async list(collection, { limit, after }) {
      const page = await table.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': keys.record(collection, '').pk },
          ScanIndexForward: false,
          Limit: limit,
          ...(after !== undefined && { ExclusiveStartKey: keys.record(collection, after) }),
        }),
      );
      const items = (page.Items ?? []).map(
        (item): KeptRecord => ({
          id: String(item['sk']),
          at: String(item['at']),
          data: JSON.parse(String(item['data'])),
        }),
      );
      return { items, next: page.LastEvaluatedKey ? items.at(-1)?.id : undefined };
    },
  };
}

/** Ids of users that have an account. */
export function dynamoUsers(table: DynamoDBDocumentClient, TableName: string) {
  return async (most: number): Promise<readonly string[]> => {
    const page = await table.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': keys.accountEntry('').pk },
        Limit: most,
      }),
    );
    return (page.Items ?? []).map((item) => String(item['sk']));
  };
}
