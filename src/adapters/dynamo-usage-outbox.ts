import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { duePartition, keys } from '#adapters/dynamo-keys';
import { shardOf } from '#adapters/dynamo-run-item';
import type { UsageEvent, UsageOutbox } from '#core/limits/usage-events';

/** Events of usage in the table, each until it was published: only while EventBridge does not take them. */
export function dynamoUsageOutbox(table: DynamoDBDocumentClient, TableName: string): UsageOutbox {
  return {
    async keep(event, dueAt) {
      const ref = { userId: event.user_id, runId: event.run_id };
      const due = { due_shard: duePartition(shardOf(ref.runId)), due_at: instant(dueAt) };
      const Item = { ...keys.usageEvent(ref), event: JSON.stringify(event), ...due };
      await table.send(new PutCommand({ TableName, Item }));
    },

    async find(ref) {
      const Key = keys.usageEvent(ref);
      const { Item } = await table.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
      if (Item === undefined) return undefined;
      const event = JSON.parse(String(Item['event'])) as UsageEvent;
      return { event, dueAt: String(Item['due_at']) };
    },

    async hold({ event, dueAt }, until) {
      const Key = keys.usageEvent({ userId: event.user_id, runId: event.run_id });
      try {
        await table.send(
          new UpdateCommand({
            TableName,
            Key,
            UpdateExpression: 'SET due_at = :until',
            ConditionExpression: 'due_at = :seen',
            ExpressionAttributeValues: { ':until': instant(until), ':seen': dueAt },
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },

    async remove(ref) {
      await table.send(new DeleteCommand({ TableName, Key: keys.usageEvent(ref) }));
    },
  };
}

function instant(at: number): string {
  return new Date(at).toISOString();
}
