import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { keys, runPartition } from '#adapters/dynamo-keys';
import { allItems } from '#adapters/dynamo-partition';
import { loadRecord, storeRecord } from '#adapters/dynamo-run-item';
import { type Claim, inOrder, type StepRecord } from '#core/runs/run';
import type { RunStore } from '#core/runs/run-store';

/** Names of attributes that hold a step's state; paths follow it. */
const STATE = 'state:';

/**
 * Steps inside of loops: one item of the table for each item of a loop, so that a checkpoint costs
 * the same however long the loop is.
 */
export function dynamoLoopItems(
  table: DynamoDBDocumentClient,
  TableName: string,
): Pick<RunStore, 'saveItem' | 'readItems' | 'listItems'> {
  return {
    async saveItem(claim, itemPath, records) {
      try {
        await table.send(
          new UpdateCommand({
            ...itemStates(TableName, claim, itemPath, records),
            ConditionExpression: 'attribute_not_exists(epoch) OR epoch <= :epoch',
          }),
        );
      } catch (error) {
        // A newer claim has written here: its word counts, and this one will soon know that it is over.
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },

    async readItems(ref, loopPath, from) {
      const records: StepRecord[] = [];
      const items = allItems(table, {
        TableName,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: {
          ':pk': runPartition(ref),
          ':from': keys.loopItem(ref, `${loopPath}[${from}]`).sk,
          ':to': `${keys.loopItem(ref, loopPath).sk}[~`,
        },
        ConsistentRead: true,
      });
      for await (const item of items) records.push(...statesOf(item));
      return records;
    },

    async listItems(ref, { limit, after }) {
      const page = await table.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :items)',
          ExpressionAttributeValues: { ':pk': runPartition(ref), ':items': 'ITEM#' },
          Limit: limit,
          ...(after !== undefined && { ExclusiveStartKey: { pk: runPartition(ref), sk: after } }),
        }),
      );
      const next = page.LastEvaluatedKey?.['sk'] as string | undefined;
      return { items: (page.Items ?? []).map(statesOf), next };
    },
  };
}

/** The write of states into one item of a loop. */
export function itemStates(
  TableName: string,
  claim: Claim,
  itemPath: string,
  records: readonly StepRecord[],
) {
  const entries = [...records.entries()];
  const states = entries.map(([index]) => `#s${index} = :s${index}`);
  return {
    TableName,
    Key: keys.loopItem(claim, itemPath),
    UpdateExpression: `SET epoch = :epoch, ${states.join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(
      entries.map(([index, { path }]) => [`#s${index}`, `${STATE}${path}`]),
    ),
    ExpressionAttributeValues: {
      ':epoch': claim.epoch,
      ...Object.fromEntries(entries.map(([index, record]) => [`:s${index}`, storeRecord(record)])),
    },
  };
}

/** In the order of execution. */
function statesOf(item: Record<string, unknown>): StepRecord[] {
  const records = Object.entries(item).flatMap(([name, value]) =>
    name.startsWith(STATE) ? [loadRecord(value)] : [],
  );
  return inOrder(records);
}
