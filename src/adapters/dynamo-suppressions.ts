import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { keys } from '#adapters/dynamo-keys';
import { listedAs, type Suppression, type SuppressionStore } from '#core/mail/suppressions';

/** Suppression lists in the table, one partition a user, one item an address. */
export function dynamoSuppressions(
  table: DynamoDBDocumentClient,
  TableName: string,
): SuppressionStore {
  return {
    async find(userId, addresses) {
      const found = await Promise.all(
        addresses.map((address) =>
          table.send(
            new GetCommand({ TableName, Key: keys.suppression(userId, listedAs(address)) }),
          ),
        ),
      );
      return found.flatMap(({ Item }) => (Item ? [load(Item)] : []));
    },

    async list(userId, { limit, after }) {
      const page = await table.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': keys.suppression(userId, '').pk },
          Limit: limit,
          ConsistentRead: true,
          ...(after !== undefined && { ExclusiveStartKey: keys.suppression(userId, after) }),
        }),
      );
      const items = (page.Items ?? []).map(load);
      return { items, next: page.LastEvaluatedKey ? items.at(-1)?.address : undefined };
    },

    async add(userId, { address, reason, detail, since }) {
      const Item = { ...keys.suppression(userId, listedAs(address)), reason, detail, since };
      const ConditionExpression = 'attribute_not_exists(pk)';
      try {
        await table.send(new PutCommand({ TableName, Item, ConditionExpression }));
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },

    async remove(userId, address) {
      await table.send(
        new DeleteCommand({ TableName, Key: keys.suppression(userId, listedAs(address)) }),
      );
    },
  };
}

function load(item: Record<string, unknown>): Suppression {
  return {
    address: String(item['sk']),
    reason: item['reason'] === 'complaint' ? 'complaint' : 'bounce',
    detail: String(item['detail']),
    since: String(item['since']),
  };
}
