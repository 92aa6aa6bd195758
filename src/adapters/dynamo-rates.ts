import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { keys } from '#adapters/dynamo-keys';
import type { Rates } from '#core/limits/rates';

/** Up to this many in a window each one is counted by itself. */
const COUNTED_SINGLY = 1_000;

/** Counters are of no use after their window; the table may take its time to delete them. */
const KEEP_SECONDS = 3_600;

/**
 * Counters by name and window. Above a thousand in a window a worker takes several at once, so that
 * a counter is not written more often than it needs: then a limit is reached a little early, never
 * late.
 */
export function dynamoRates(table: DynamoDBDocumentClient, TableName: string): Rates {
  const taken = new Map<string, { window: number; left: number }>();

  async function takeMore(
    Key: Record<string, string>,
    count: number,
    limit: number,
    endsAt: number,
  ): Promise<boolean> {
    try {
      await table.send(
        new UpdateCommand({
          TableName,
          Key,
          UpdateExpression: 'ADD calls :count SET expires_at = if_not_exists(expires_at, :expires)',
          ConditionExpression: 'attribute_not_exists(calls) OR calls <= :room',
          ExpressionAttributeValues: {
            ':count': count,
            ':room': limit - count,
            ':expires': endsAt + KEEP_SECONDS,
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
    async take(name, { limit, windowSeconds }, now) {
      const window = Math.floor(now / 1_000 / windowSeconds);
      const mine = taken.get(name);
      if (mine?.window === window && mine.left > 0) {
        mine.left -= 1;
        return true;
      }
      const count = Math.ceil(limit / COUNTED_SINGLY);
      const endsAt = (window + 1) * windowSeconds;
      if (!(await takeMore(keys.rate(name, window), count, limit, endsAt))) return false;
      if (count > 1) {
        if (taken.size >= COUNTED_SINGLY) taken.clear();
        taken.set(name, { window, left: count - 1 });
      }
      return true;
    },
  };
}
