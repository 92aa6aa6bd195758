import { randomUUID } from 'node:crypto';
import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { keys } from '#adapters/dynamo-keys';
import type { Log } from '#core/ports';
import type { DeliveryStore, RefusedDelivery } from '#core/runs/deliveries';

/** Refused calls of one agent for one reason are written down this often at most, in milliseconds. */
const NOTE_EVERY_MS = 5_000;

/** How long they are kept, in seconds. */
const KEEP_SECONDS = 7 * 86_400;

/** Reasons that a worker keeps count of at most. */
const MOST_COUNTED = 1_000;

/** Refused webhook calls, sampled: a flood of them must not become a flood of writes. */
export function dynamoDeliveries(
  table: DynamoDBDocumentClient,
  TableName: string,
  log: Log,
): DeliveryStore {
  const lately = new Map<string, { since: number; count: number }>();

  /** How many this one stands for; nothing while one like it was written down lately. */
  function sample(name: string, now: number): number | undefined {
    const seen = lately.get(name);
    if (seen && now - seen.since < NOTE_EVERY_MS) {
      seen.count += 1;
      return undefined;
    }
    if (lately.size >= MOST_COUNTED) lately.clear();
    lately.set(name, { since: now, count: 0 });
    return (seen?.count ?? 0) + 1;
  }

  return {
    async note({ userId, agentId }, status, reason, now) {
      const count = sample(`${agentId} ${status} ${reason}`, now);
      if (count === undefined) return;
      const at = new Date(now).toISOString();
      const Item = {
        // Several may be refused in one millisecond.
        ...keys.delivery(userId, agentId, `${at}#${randomUUID()}`),
        at,
        status,
        reason,
        count,
        expires_at: Math.floor(now / 1_000) + KEEP_SECONDS,
      };
      await table.send(new PutCommand({ TableName, Item })).catch((error: unknown) => {
        log.warn('refused delivery not noted', { agentId, error });
      });
    },

    async list(userId, agentId, { limit, after }) {
      const { pk } = keys.delivery(userId, agentId, '');
      const page = await table.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': pk },
          ScanIndexForward: false,
          Limit: limit,
          ...(after !== undefined && {
            ExclusiveStartKey: keys.delivery(userId, agentId, after),
          }),
        }),
      );
      const items = (page.Items ?? []).map(({ at, status, reason, count }) => ({
        at,
        status,
        reason,
        count,
      })) as RefusedDelivery[];
      return { items, next: page.LastEvaluatedKey?.['sk'] as string | undefined };
    },
  };
}
