import { type DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { keys, runPartition } from '#adapters/dynamo-keys';
import { allItems, keysIn } from '#adapters/dynamo-partition';
import type { RunRef } from '#core/runs/run';
import type { LogLine } from '#core/runs/run-log';
import type { RunStore } from '#core/runs/run-store';

/** Log lines: parts in items of their own, and a tail in the run's item. */
export function dynamoRunLog(
  table: DynamoDBDocumentClient,
  TableName: string,
): Pick<RunStore, 'appendLog' | 'readLog'> {
  return {
    async appendLog(claim, part, lines) {
      const Item = { ...keys.logPart(claim, claim.epoch, part), lines: JSON.stringify(lines) };
      await table.send(new PutCommand({ TableName, Item }));
    },

    async readLog(run, { limit, after }) {
      const lines = [...(await readParts(run)), ...run.logTail];
      const from = after === undefined ? 0 : Number(after);
      const end = from + limit;
      return {
        items: lines.slice(from, end),
        next: end < lines.length ? String(end) : undefined,
      };
    },
  };

  async function readParts(ref: RunRef): Promise<LogLine[]> {
    const lines: LogLine[] = [];
    const parts = allItems(table, {
      TableName,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :log)',
      ExpressionAttributeValues: { ':pk': runPartition(ref), ':log': 'LOG#' },
      ConsistentRead: true,
    });
    for await (const part of parts) lines.push(...(JSON.parse(part['lines']) as LogLine[]));
    return lines;
  }
}

/** A long loop leaves thousands of parts. */
const AT_ONCE = 16;

/** Lets a run's payloads and log lines expire with it. Repeating it is harmless. */
export async function expireParts(
  table: DynamoDBDocumentClient,
  TableName: string,
  ref: RunRef,
  expiresAt: number,
): Promise<void> {
  const expire = (Key: Record<string, unknown>) =>
    table.send(
      new UpdateCommand({
        TableName,
        Key,
        UpdateExpression: 'SET expires_at = :at',
        ExpressionAttributeValues: { ':at': expiresAt },
      }),
    );
  let together: Promise<unknown>[] = [];
  for await (const Key of allItems(table, keysIn(TableName, runPartition(ref)))) {
    if (Key['sk'] === 'RUN') continue;
    together.push(expire(Key));
    if (together.length < AT_ONCE) continue;
    await Promise.all(together);
    together = [];
  }
  await Promise.all(together);
}
