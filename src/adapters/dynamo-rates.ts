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

  /** One of those that were taken at once. @returns false when there is none left */
  function takeKept(name: string, window: number): boolean {
    const kept = taken.get(name);
    if (kept?.window !== window || kept.left === 0) return false;
    kept.left -= 1;
    return true;
  }

  /** Others of this worker may have taken some meanwhile, too: what they have left is not lost. */
  function keep(name: string, window: number, count: number): void {
    const kept = taken.get(name);
    if (taken.size >= COUNTED_SINGLY) taken.clear();
    taken.set(name, { window, left: count + (kept?.window === window ? kept.left : 0) });
  }

  return {
    async take(name, { limit, windowSeconds }, now) {
      const window = Math.floor(now / 1_000 / windowSeconds);
      if (takeKept(name, window)) return true;
      const count = Math.ceil(limit / COUNTED_SINGLY);
      const endsAt = (window + 1) * windowSeconds;
      if (!(await takeMore(keys.rate(name, window), count, limit, endsAt))) {
        return takeKept(name, window);
      }
      if (count > 1) keep(name, window, count - 1);
      return true;
    },
  };
}
