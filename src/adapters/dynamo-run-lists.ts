import { BatchGetCommand, type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { agentRunsPartition, duePartition, keys } from '#adapters/dynamo-keys';
import { loadRun } from '#adapters/dynamo-run-item';
import type { RunRef } from '#core/runs/run';
import type { DueRef, RunOutcome, RunStore } from '#core/runs/run-store';

/** Keys that a batch read did not get to are asked for again this often. */
const BATCH_TRIES = 5;

/** Bounds of all run ids. */
const FIRST_ID = 'run_';
const LAST_ID = 'run_~';

type Projection = {
  readonly ProjectionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
};

const OUTCOME: Projection = {
  ProjectionExpression: 'run_id, #status, triggered_at',
  ExpressionAttributeNames: { '#status': 'status' },
};

function loadOutcome(item: Record<string, unknown>): RunOutcome {
  const { run_id, status, triggered_at } = item;
  return { runId: run_id, status, triggeredAt: triggered_at } as RunOutcome;
}

/** Lists of runs: the indexes hold keys only, so that a run's changes cost no index writes. */
export function dynamoRunLists(
  table: DynamoDBDocumentClient,
  TableName: string,
): Pick<RunStore, 'list' | 'newest' | 'due'> {
  /** @param projection what is wanted of each run */
  async function readAll<One>(
    refs: readonly RunRef[],
    load: (item: Record<string, unknown>) => One,
    projection: Projection = {},
  ): Promise<One[]> {
    const found = new Map<string, One>();
    let wanted: Record<string, unknown>[] = refs.map(keys.run);
    for (let attempt = 0; wanted.length > 0 && attempt < BATCH_TRIES; attempt += 1) {
      const answer = await table.send(
        new BatchGetCommand({ RequestItems: { [TableName]: { Keys: wanted, ...projection } } }),
      );
      for (const item of answer.Responses?.[TableName] ?? []) {
        found.set(String(item['run_id']), load(item));
      }
      wanted = answer.UnprocessedKeys?.[TableName]?.Keys ?? [];
    }
    if (wanted.length > 0) throw new Error('The table did not give all runs of a page.');
    return refs.flatMap((ref) => found.get(ref.runId) ?? []);
  }

  return {
    async list({ userId, agentId }, { limit, after, from = FIRST_ID, to = LAST_ID }) {
      const byAgent = agentId !== undefined;
      const attribute = byAgent ? 'agent_key' : 'user_key';
      const partition = byAgent ? agentRunsPartition(userId, agentId) : userId;
      // A start outside of the bounds would be refused, and there is nothing below them.
      if (after !== undefined && after < from) return { items: [], next: undefined };
      const start = after !== undefined && after <= to ? after : undefined;
      const page = await table.send(
        new QueryCommand({
          TableName,
          IndexName: byAgent ? 'runs_by_agent' : 'runs_by_user',
          KeyConditionExpression: `${attribute} = :partition AND run_id BETWEEN :from AND :to`,
          ExpressionAttributeValues: { ':partition': partition, ':from': from, ':to': to },
          ScanIndexForward: false,
          Limit: limit,
          ...(start !== undefined && {
            ExclusiveStartKey: {
              ...keys.run({ userId, runId: start }),
              [attribute]: partition,
              run_id: start,
            },
          }),
        }),
      );
      const refs = (page.Items ?? []).map((item) => ({ userId, runId: String(item['run_id']) }));
      const next = page.LastEvaluatedKey ? refs.at(-1)?.runId : undefined;
      return { items: await readAll(refs, loadRun), next };
    },

    async newest(userId, agentId, count) {
      const page = await table.send(
        new QueryCommand({
          TableName,
          IndexName: 'runs_by_agent',
          KeyConditionExpression: 'agent_key = :partition',
          ExpressionAttributeValues: { ':partition': agentRunsPartition(userId, agentId) },
          ScanIndexForward: false,
          Limit: count,
        }),
      );
      const refs = (page.Items ?? []).map((item) => ({ userId, runId: String(item['run_id']) }));
      return refs.length === 0 ? [] : readAll(refs, loadOutcome, OUTCOME);
    },

    async due(shard, before, { limit, after }) {
      const page = await table.send(
        new QueryCommand({
          TableName,
          IndexName: 'due',
          KeyConditionExpression: 'due_shard = :shard AND due_at <= :before',
          ExpressionAttributeValues: { ':shard': duePartition(shard), ':before': before },
          Limit: limit,
          ...(after !== undefined && { ExclusiveStartKey: JSON.parse(after) }),
        }),
      );
      return {
        items: (page.Items ?? []).map((item) => dueRef(String(item['pk']), String(item['sk']))),
        next: page.LastEvaluatedKey && JSON.stringify(page.LastEvaluatedKey),
      };
    },
  };
}

/** User ids hold no `#`: sign-in refuses them. */
function dueRef(pk: string, sk: string): DueRef {
  const [kind, userId = '', id = ''] = pk.split('#');
  if (kind === 'WARNING') return { kind: 'warning', userId };
  if (kind === 'USAGE') return { kind: 'usage', userId, runId: id };
  if (kind === 'AGENT') return { kind: 'health', userId, agentId: id };
  if (kind === 'SCHEDULE') return { kind: 'schedule', userId, agentId: id };
  const approval = 'APPROVAL#';
  if (!sk.startsWith(approval)) return { kind: 'run', userId, runId: id };
  return { kind: 'approval', userId, runId: id, stepPath: sk.slice(approval.length) };
}
