import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { duePartition, keys } from '#adapters/dynamo-keys';
import { shardOf } from '#adapters/dynamo-run-item';
import {
  dueAfter,
  loadSchedule,
  storeSchedule,
  UNAPPLIED_DUE,
} from '#adapters/dynamo-schedule-item';
import type { ScheduleStore } from '#core/schedules/schedule-store';
import type { StoredSchedule } from '#core/schedules/timetable';

/** How long is known of a schedule without an agent that it is to be forgotten, in seconds. */
const ORPHAN_SECONDS = 86_400;

/** Schedules in the table. They are created and replaced in their agents' transactions. */
export function dynamoSchedules(table: DynamoDBDocumentClient, TableName: string): ScheduleStore {
  return {
    async find(userId, agentId) {
      const found = await table.send(
        new GetCommand({ TableName, Key: keys.schedule(userId, agentId), ConsistentRead: true }),
      );
      return found.Item && loadSchedule(found.Item);
    },

    async markApplied(schedule) {
      const { userId, agentId, generation, nextAt } = schedule;
      return isMade(
        table.send(
          new UpdateCommand({
            TableName,
            Key: keys.schedule(userId, agentId),
            UpdateExpression: `SET is_applied = :yes, oldest_generation = :generation${
              nextAt === undefined ? ' REMOVE due_shard, due_at' : ', due_at = :due'
            }`,
            ConditionExpression: `generation = :generation AND ${
              nextAt === undefined ? 'attribute_not_exists(next_at)' : 'next_at = :next'
            }`,
            ExpressionAttributeValues: {
              ':yes': true,
              ':generation': generation,
              ...(nextAt !== undefined && { ':next': nextAt, ':due': dueAfter(nextAt) }),
            },
          }),
        ),
      );
    },

    async reopen({ userId, agentId, generation }, staleGeneration) {
      const change = {
        TableName,
        Key: keys.schedule(userId, agentId),
        UpdateExpression:
          'SET is_applied = :no, oldest_generation = :stale, due_shard = :shard, due_at = :now',
        ConditionExpression:
          'generation = :generation AND is_applied = :yes AND oldest_generation > :stale',
        ExpressionAttributeValues: {
          ':yes': true,
          ':no': false,
          ':generation': generation,
          ':stale': staleGeneration,
          ':shard': duePartition(shardOf(agentId)),
          ':now': UNAPPLIED_DUE,
        },
      };
      await isMade(table.send(new UpdateCommand(change)));
    },

    async adopt(orphan, now) {
      const put = new PutCommand({
        TableName,
        Item: { ...storeSchedule(orphan), expires_at: Math.floor(now / 1_000) + ORPHAN_SECONDS },
        ConditionExpression: 'attribute_not_exists(pk)',
      });
      await isMade(table.send(put));
    },

    async postpone({ userId, agentId, generation }, until) {
      await isMade(
        table.send(
          new UpdateCommand({
            TableName,
            Key: keys.schedule(userId, agentId),
            UpdateExpression: 'SET due_at = :due',
            ConditionExpression: 'generation = :generation AND is_applied = :no',
            ExpressionAttributeValues: {
              ':due': new Date(until).toISOString(),
              ':generation': generation,
              ':no': false,
            },
          }),
        ),
      );
    },

    async advance(schedule, nextAt) {
      await isMade(table.send(new UpdateCommand(advanceSchedule(TableName, schedule, nextAt))));
    },
  };
}

/**
 * The change that moves a schedule on from its next nominal time. Its condition fails when it has
 * been moved before, or is of another generation by now. What the fast path has not taken yet stays
 * due at once, though it may have fired in part.
 */
export function advanceSchedule(
  TableName: string,
  { userId, agentId, generation, isApplied, nextAt: from }: StoredSchedule,
  nextAt: number | undefined,
) {
  const due = isApplied && nextAt !== undefined ? { ':due': dueAfter(nextAt) } : undefined;
  return {
    TableName,
    Key: keys.schedule(userId, agentId),
    UpdateExpression:
      nextAt === undefined
        ? `REMOVE next_at${isApplied ? ', due_shard, due_at' : ''}`
        : `SET next_at = :next${due ? ', due_at = :due' : ''}`,
    ConditionExpression: 'generation = :generation AND next_at = :from',
    ExpressionAttributeValues: {
      ':generation': generation,
      ':from': from,
      ...(nextAt !== undefined && { ':next': nextAt }),
      ...due,
    },
  };
}

/** Whether a change was made; not when somebody else moved or replaced the schedule before. */
async function isMade(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
