import { BatchGetCommand, type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { keys } from '#adapters/dynamo-keys';
import { loadRun } from '#adapters/dynamo-run-item';
import { gathered } from '#adapters/gathered';
import type { Run, RunRef } from '#core/runs/run';
import type { RunStore } from '#core/runs/run-store';

/** Most runs of one call. A batch may have 100 keys and 16 MB, and a run may be large. */
const MOST_TOGETHER = 25;

/** Whole runs as they are now. Those that are asked for at the same moment are read together. */
export function dynamoRunReads(table: DynamoDBDocumentClient, TableName: string): RunStore['find'] {
  async function readOne(ref: RunRef): Promise<Run | undefined> {
    const found = await table.send(
      new GetCommand({ TableName, Key: keys.run(ref), ConsistentRead: true }),
    );
    return found.Item && loadRun(found.Item);
  }

  async function readAll(refs: readonly RunRef[]): Promise<(Run | undefined)[]> {
    const wanted = new Map(refs.map((ref) => [keys.run(ref).pk, keys.run(ref)]));
    const asked = { Keys: [...wanted.values()], ConsistentRead: true };
    const answer = await table.send(new BatchGetCommand({ RequestItems: { [TableName]: asked } }));
    const found = new Map(answer.Responses?.[TableName]?.map((item) => [item['pk'], item]));
    const left = new Set(answer.UnprocessedKeys?.[TableName]?.Keys?.map(({ pk }) => pk));
    return Promise.all(
      refs.map((ref) => {
        const { pk } = keys.run(ref);
        const item = found.get(pk);
        if (left.has(pk)) return readOne(ref);
        return item && loadRun(item);
      }),
    );
  }

  return gathered<RunRef, Run | undefined>({
    keyOf: () => 'all',
    most: MOST_TOGETHER,
    call: readAll,
    alone: readOne,
  });
}
