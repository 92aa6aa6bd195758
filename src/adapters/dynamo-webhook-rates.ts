import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { keys } from '#adapters/dynamo-keys';
import type { WebhookRates } from '#core/ports';

/** Up to this many calls a minute each one is counted by itself. */
const COUNTED_SINGLY = 1_000;

/** Counters are of no use after their minute; the table may take its time to delete them. */
const KEEP_SECONDS = 3_600;

/**
 * Webhook calls, counted by agent and minute. Above a thousand a minute a worker takes several at
 * once, so that a counter is not written more often than it needs: then a limit is reached a little
 * early, never late.
 */
export function dynamoWebhookRates(table: DynamoDBDocumentClient, TableName: string): WebhookRates {
  const taken = new Map<string, { minute: number; left: number }>();

  async function takeMore(
    agentId: string,
    minute: number,
    count: number,
    limit: number,
  ): Promise<boolean> {
    try {
      await table.send(
        new UpdateCommand({
          TableName,
          Key: keys.webhookRate(agentId, minute),
          UpdateExpression: 'ADD calls :count SET expires_at = if_not_exists(expires_at, :expires)',
          ConditionExpression: 'attribute_not_exists(calls) OR calls <= :room',
          ExpressionAttributeValues: {
            ':count': count,
            ':room': limit - count,
            ':expires': minute * 60 + KEEP_SECONDS,
          },
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  return {
    async take(agentId, perMinute, now) {
      const minute = Math.floor(now / 60_000);
      const mine = taken.get(agentId);
      if (mine?.minute === minute && mine.left > 0) {
        mine.left -= 1;
        return true;
      }
      const count = Math.ceil(perMinute / COUNTED_SINGLY);
      if (!(await takeMore(agentId, minute, count, perMinute))) return false;
      if (count > 1) {
        if (taken.size >= COUNTED_SINGLY) taken.clear();
        taken.set(agentId, { minute, left: count - 1 });
      }
      return true;
    },
  };
}
