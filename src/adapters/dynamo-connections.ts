import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { keys } from '#adapters/dynamo-keys';
import { transact } from '#adapters/dynamo-transaction';
import type { ConnectionStore, StoredConnection } from '#core/connections/connection';

/** Connections in the table: each one item, with its secret as ciphertext. */
export function dynamoConnections(
  table: DynamoDBDocumentClient,
  TableName: string,
): ConnectionStore {
  const read = async (Key: Readonly<Record<string, string>>) => {
    const found = await table.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
    return found.Item;
  };
  return {
    async create(connection) {
      const { sealed, userId, id } = connection;
      const Item = { ...keys.connection(userId, id), sealed, data: dataOf(connection) };
      const ConditionExpression = 'attribute_not_exists(pk)';
      await transact(table, [{ Put: { TableName, Item, ConditionExpression } }]);
    },

    async find(userId, id) {
      const item = await read(keys.connection(userId, id));
      return item && load(item);
    },

    async replace(before, after) {
      const { sealed, userId, id } = after;
      const put = new PutCommand({
        TableName,
        Item: { ...keys.connection(userId, id), sealed, data: dataOf(after) },
        ConditionExpression: 'sealed = :sealed AND #data = :data',
        ExpressionAttributeNames: { '#data': 'data' },
        ExpressionAttributeValues: { ':sealed': before.sealed, ':data': dataOf(before) },
      });
      try {
        await table.send(put);
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },

    async list(userId, { limit, after }) {
      const page = await table.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :connections)',
          ExpressionAttributeValues: {
            ':pk': keys.connection(userId, '').pk,
            ':connections': keys.connection(userId, '').sk,
          },
          ScanIndexForward: false,
          Limit: limit,
          ConsistentRead: true,
          ...(after !== undefined && { ExclusiveStartKey: keys.connection(userId, after) }),
        }),
      );
      const items = (page.Items ?? []).map(load);
      return { items, next: page.LastEvaluatedKey ? items.at(-1)?.id : undefined };
    },

    async remove(userId, id) {
      await transact(table, [
        { Delete: { TableName, Key: keys.connection(userId, id) } },
        { Put: { TableName, Item: keys.removedConnection(userId, id) } },
      ]);
    },

    async wasRemoved(userId, id) {
      return (await read(keys.removedConnection(userId, id))) !== undefined;
    },
  };
}

function dataOf({ sealed: _, ...shown }: StoredConnection): string {
  return JSON.stringify(shown);
}

function load(item: Record<string, unknown>): StoredConnection {
  return { ...JSON.parse(String(item['data'])), sealed: String(item['sealed']) };
}
