import {
  type DynamoDBDocumentClient,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { keys, runPartition } from '#adapters/dynamo-keys';
import type { RunStore } from '#core/ports';
import type { RunRef } from '#core/run';
import type { LogLine } from '#core/run-log';

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
    let start: Record<string, unknown> | undefined;
    do {
      const page = await table.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :log)',
          ExpressionAttributeValues: { ':pk': runPartition(ref), ':log': 'LOG#' },
          ConsistentRead: true,
          ...(start && { ExclusiveStartKey: start }),
        }),
      );
      for (const item of page.Items ?? []) lines.push(...(JSON.parse(item['lines']) as LogLine[]));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return lines;
  }
}

/** Lets a run's payloads and log lines expire with it. Repeating it is harmless. */
export async function expireParts(
  table: DynamoDBDocumentClient,
  TableName: string,
  ref: RunRef,
  expiresAt: number,
): Promise<void> {
  let start: Record<string, unknown> | undefined;
  do {
    const page = await table.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': runPartition(ref) },
        ProjectionExpression: 'pk, sk',
        ConsistentRead: true,
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    for (const Key of (page.Items ?? []).filter((item) => item['sk'] !== 'RUN')) {
      await table.send(
        new UpdateCommand({
          TableName,
          Key,
          UpdateExpression: 'SET expires_at = :at',
          ExpressionAttributeValues: { ':at': expiresAt },
        }),
      );
    }
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}
