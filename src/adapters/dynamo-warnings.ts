import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { duePartition, keys } from '#adapters/dynamo-keys';
import { shardOf } from '#adapters/dynamo-run-item';
import type { WarningStore } from '#core/limits/credit-warnings';
import type { WarningLevel } from '#core/limits/credits';

/** Users whose warnings a worker remembers to have noted. */
const MOST_KNOWN = 1_000;

type Change = Omit<UpdateCommandInput, 'TableName' | 'Key'>;

/** Warnings in the table: one item a user, which is due while there is one to send. */
export function dynamoWarnings(table: DynamoDBDocumentClient, TableName: string): WarningStore {
  // Every run that follows would note the same.
  const noted = new Map<string, string>();

  async function isMade(userId: string, change: Change): Promise<boolean> {
    try {
      await table.send(new UpdateCommand({ TableName, Key: keys.warning(userId), ...change }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  return {
    async note(userId, month, level, now) {
      const mark = `${month} ${level}`;
      if (noted.get(userId) === mark) return;
      await isMade(userId, {
        UpdateExpression: 'SET #month = :month, #level = :level, due_shard = :shard, due_at = :now',
        ConditionExpression: 'attribute_not_exists(pk) OR #month <> :month OR #level < :level',
        ExpressionAttributeNames: { '#month': 'month', '#level': 'level' },
        ExpressionAttributeValues: {
          ':month': month,
          ':level': level,
          ':shard': duePartition(shardOf(userId)),
          ':now': new Date(now).toISOString(),
        },
      });
      if (noted.size >= MOST_KNOWN) noted.clear();
      noted.set(userId, mark);
    },

    async find(userId) {
      const found = await table.send(
        new GetCommand({ TableName, Key: keys.warning(userId), ConsistentRead: true }),
      );
      const { month, level, due_at, told, told_month } = found.Item ?? {};
      if (due_at === undefined) return undefined;
      return {
        userId,
        month: String(month),
        level: Number(level) as WarningLevel,
        told: told_month === month ? Number(told) : 0,
        dueAt: String(due_at),
      };
    },

    hold({ userId, dueAt }, until) {
      return isMade(userId, {
        UpdateExpression: 'SET due_at = :until',
        ConditionExpression: 'due_at = :seen',
        ExpressionAttributeValues: { ':until': new Date(until).toISOString(), ':seen': dueAt },
      });
    },

    async settle({ userId, month, level }) {
      const told = { ':month': month, ':level': level };
      const names = { '#month': 'month', '#level': 'level' };
      const isAll = await isMade(userId, {
        UpdateExpression: 'SET told = :level, told_month = :month REMOVE due_shard, due_at',
        ConditionExpression: '#month = :month AND #level = :level',
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: told,
      });
      // Another level was reached meanwhile, and is due by itself.
      if (!isAll) {
        await isMade(userId, {
          UpdateExpression: 'SET told = :level, told_month = :month',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: told,
        });
      }
    },
  };
}
