import {
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { keys } from '#adapters/dynamo-keys';
import { conditionFailed, isRefused, transact } from '#adapters/dynamo-transaction';
import { type ApiKey, type ApiKeyStore, type KeyOwner, MOST_API_KEYS } from '#core/api-keys';
import type { Log } from '#core/ports';

/** Uses of keys that a worker remembers at most. */
const MOST_REMEMBERED = 10_000;

/**
 * API keys in the table: one item under the key's digest, which leads to its owner, one under the
 * owner, which is listed, and the owner's count of them.
 */
export function dynamoApiKeys(
  table: DynamoDBDocumentClient,
  TableName: string,
  log: Log,
): ApiKeyStore {
  // Keys are used often, and the day changes once a day.
  const usedOn = new Map<string, string>();

  const read = async (Key: Readonly<Record<string, string>>) => {
    const found = await table.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
    return found.Item;
  };
  const counted = (userId: string, change: 1 | -1) => ({
    TableName,
    Key: keys.apiKeyCount(userId),
    UpdateExpression: 'ADD #count :change',
    ExpressionAttributeNames: { '#count': 'count' },
    ExpressionAttributeValues: { ':change': change },
  });

  return {
    async create({ digest, ...shown }) {
      const { id, userId, expiresAt } = shown;
      const owner: KeyOwner = { id, userId, ...(expiresAt !== undefined && { expiresAt }) };
      const door = {
        ...keys.apiKeyDoor(digest),
        data: JSON.stringify(owner),
        ...(expiresAt !== undefined && { expires_at: Math.ceil(Date.parse(expiresAt) / 1_000) }),
      };
      const listed = { ...keys.apiKey(userId, id), digest, data: JSON.stringify(shown) };
      const count = counted(userId, 1);
      try {
        await transact(table, [
          { Put: { TableName, Item: door, ConditionExpression: 'attribute_not_exists(pk)' } },
          { Put: { TableName, Item: listed } },
          {
            Update: {
              ...count,
              ConditionExpression: 'attribute_not_exists(pk) OR #count < :most',
              ExpressionAttributeValues: {
                ...count.ExpressionAttributeValues,
                ':most': MOST_API_KEYS,
              },
            },
          },
        ]);
        return true;
      } catch (error) {
        if (conditionFailed(error).includes(2)) return false;
        throw error;
      }
    },

    async owner(digest) {
      const item = await read(keys.apiKeyDoor(digest));
      return item && (JSON.parse(String(item['data'])) as KeyOwner);
    },

    async find(userId, id) {
      const item = await read(keys.apiKey(userId, id));
      return item && load(item);
    },

    async list(userId, { limit, after }) {
      const page = await table.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :keys)',
          ExpressionAttributeValues: {
            ':pk': keys.apiKey(userId, '').pk,
            ':keys': keys.apiKey(userId, '').sk,
          },
          ScanIndexForward: false,
          Limit: limit,
          ConsistentRead: true,
          ...(after !== undefined && { ExclusiveStartKey: keys.apiKey(userId, after) }),
        }),
      );
      const items = (page.Items ?? []).map(load);
      return { items, next: page.LastEvaluatedKey ? items.at(-1)?.id : undefined };
    },

    async remove({ userId, id, digest }) {
      const listed = { TableName, Key: keys.apiKey(userId, id) };
      try {
        await transact(table, [
          { Delete: { ...listed, ConditionExpression: 'attribute_exists(pk)' } },
          { Delete: { TableName, Key: keys.apiKeyDoor(digest) } },
          { Put: { TableName, Item: keys.removedApiKey(userId, id) } },
          { Update: counted(userId, -1) },
        ]);
      } catch (error) {
        // Somebody else has removed it at the same time.
        if (!isRefused(error)) throw error;
      }
    },

    async wasRemoved(userId, id) {
      return (await read(keys.removedApiKey(userId, id))) !== undefined;
    },

    async noteUse({ userId, id }, day) {
      if (usedOn.get(id) === day) return;
      if (usedOn.size >= MOST_REMEMBERED) usedOn.clear();
      usedOn.set(id, day);
      try {
        await table.send(
          new UpdateCommand({
            TableName,
            Key: keys.apiKey(userId, id),
            UpdateExpression: 'SET last_used_on = :day',
            ConditionExpression:
              'attribute_exists(pk) AND (attribute_not_exists(last_used_on) OR last_used_on < :day)',
            ExpressionAttributeValues: { ':day': day },
          }),
        );
      } catch (error) {
        if (!isRefused(error)) log.warn('use of an api key not kept', { error });
      }
    },
  };
}

function load(item: Record<string, unknown>): ApiKey {
  const lastUsedOn = item['last_used_on'];
  return {
    ...JSON.parse(String(item['data'])),
    digest: String(item['digest']),
    ...(lastUsedOn !== undefined && { lastUsedOn: String(lastUsedOn) }),
  };
}
