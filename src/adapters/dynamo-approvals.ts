import { randomUUID } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { duePartition, keys, runPartition } from '#adapters/dynamo-keys';
import { allItems } from '#adapters/dynamo-partition';
import { shardOf } from '#adapters/dynamo-run-item';
import {
  type Approval,
  type ApprovalDoor,
  type ApprovalRef,
  type ApprovalStore,
  type Approver,
  inboxPosition,
} from '#core/approvals/approval';
import { approversOf } from '#core/approvals/open-approval';
import type { RunRef } from '#core/runs/run';

/** For so long after its end a mailed link still says what became of the approval, in seconds. */
const LINK_OUTLIVES_SECONDS = 30 * 86_400;

/** Entries of an inbox that are read at once. */
const INBOX_CHUNK = 100;

/** Most chunks that one page of an inbox reads: entries that were decided lately are skipped. */
const INBOX_CHUNKS = 10;

/** Approvals in the table: each beside its run, with small items that lead to it. */
export function dynamoApprovals(table: DynamoDBDocumentClient, tableName: string): ApprovalStore {
  const TableName = tableName;

  async function read(ref: ApprovalRef) {
    const found = await table.send(
      new GetCommand({ TableName, Key: keys.approval(ref), ConsistentRead: true }),
    );
    return found.Item;
  }

  async function find(ref: ApprovalRef): Promise<Approval | undefined> {
    const item = await read(ref);
    return item && loadApproval(item);
  }

  function update(ref: ApprovalRef, change: Partial<UpdateCommandInput>) {
    return table.send(new UpdateCommand({ TableName, Key: keys.approval(ref), ...change }));
  }

  /** Tokens and inboxes that lead to an approval. What they lead to may not be there yet. */
  async function putDoors(
    approval: Omit<Approval, 'taskToken'>,
    doors: readonly ApprovalDoor[],
  ): Promise<void> {
    const expires_at = Math.floor(Date.parse(approval.expiresAt) / 1_000) + LINK_OUTLIVES_SECONDS;
    const { userId: user_id, runId: run_id, stepPath: step_path } = approval;
    const to = { user_id, run_id, step_path, expires_at };
    const items = doors.flatMap(({ approver, digest }) => [
      { ...keys.approvalDoor(digest), approver, ...to },
      { ...keys.inbox(approver, approval), ...to },
    ]);
    await Promise.all(items.map((Item) => table.send(new PutCommand({ TableName, Item }))));
  }

  /** For changes of what may be gone. */
  /** @returns the item afterwards, if it was asked for; undefined when the condition did not hold */
  async function updateIf(
    condition: string,
    ref: ApprovalRef,
    change: Partial<UpdateCommandInput>,
  ) {
    try {
      const made = await update(ref, { ...change, ConditionExpression: condition });
      return made.Attributes;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return undefined;
    }
  }

  /** The lists skip what was decided in any case: this only spares them reading it. */
  async function closeInboxes(approval: Approval): Promise<void> {
    await Promise.allSettled(
      approversOf(approval).map((approver) =>
        table.send(
          new UpdateCommand({
            TableName,
            Key: keys.inbox(approver, approval),
            UpdateExpression: 'SET decided = :yes',
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeValues: { ':yes': true },
          }),
        ),
      ),
    );
  }

  return {
    find,

    async open({ taskToken, ...approval }, doors) {
      await putDoors(approval, doors);
      const opened = await update(approval, {
        // Due when it times out, until somebody decides.
        UpdateExpression:
          'SET approval = if_not_exists(approval, :approval), doors = list_append(if_not_exists(doors, :none), :doors), task_token = :token, due_shard = :shard, due_at = if_not_exists(due_at, :expires) REMOVE told_at',
        ExpressionAttributeValues: {
          ':approval': approval,
          ':none': [],
          ':doors': doors.map(({ digest }) => digest),
          ':token': taskToken,
          ':shard': duePartition(shardOf(approval.runId)),
          ':expires': approval.expiresAt,
        },
        ReturnValues: 'ALL_NEW',
      });
      return loadApproval(opened.Attributes ?? {});
    },

    async findDoor(digest) {
      const found = await table.send(
        // It never changes, and nobody knows of it before a mail has come.
        new GetCommand({ TableName, Key: keys.approvalDoor(digest) }),
      );
      if (found.Item === undefined) return undefined;
      return { ref: loadRef(found.Item), approver: found.Item['approver'] as Approver };
    },

    async ofRun(run) {
      const found: Approval[] = [];
      const items = allItems(table, approvalsIn(TableName, run));
      for await (const item of items) found.push(loadApproval(item));
      return found.toSorted((a, b) => a.requestedAt.localeCompare(b.requestedAt));
    },

    async decide(ref, decision, recheckAt) {
      // Tells our own write from an equal one of somebody else, when its answer was lost.
      const decidedBy = randomUUID();
      const told = recheckAt === undefined;
      const undecided = 'attribute_exists(pk) AND attribute_not_exists(decision)';
      const decided = await updateIf(undecided, ref, {
        UpdateExpression: told
          ? 'SET decision = :decision, decided_by = :by, told_at = :at REMOVE due_shard, due_at'
          : 'SET decision = :decision, decided_by = :by, due_at = :recheck',
        ExpressionAttributeValues: {
          ':decision': decision,
          ':by': decidedBy,
          ...(told ? { ':at': decision.at } : { ':recheck': recheckAt }),
        },
        ReturnValues: 'ALL_NEW',
      });
      const item = decided ?? (await read(ref));
      if (item === undefined) return { outcome: 'missing' };
      const approval = loadApproval(item);
      if (item['decided_by'] !== decidedBy) return { outcome: 'already', approval };
      await closeInboxes(approval);
      return { outcome: 'decided', approval };
    },

    async markTold(ref, at) {
      await updateIf('attribute_exists(pk)', ref, {
        UpdateExpression: 'SET told_at = :at REMOVE due_shard, due_at',
        ExpressionAttributeValues: { ':at': at },
      });
    },

    async postpone(ref, until) {
      await updateIf('attribute_exists(due_shard)', ref, {
        UpdateExpression: 'SET due_at = :until',
        ExpressionAttributeValues: { ':until': until },
      });
    },

    async inbox(approver, { limit, after }) {
      const items: ApprovalRef[] = [];
      const { pk } = keys.inbox(approver, { runId: '', stepPath: '' });
      let start = after === undefined ? undefined : { pk, sk: `APPROVAL#${after}` };
      for (let chunk = 0; chunk < INBOX_CHUNKS && items.length <= limit; chunk += 1) {
        const page = await table.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: 'pk = :pk',
            FilterExpression: 'attribute_not_exists(decided)',
            ExpressionAttributeValues: { ':pk': pk },
            ScanIndexForward: false,
            ConsistentRead: true,
            Limit: INBOX_CHUNK,
            ...(start !== undefined && { ExclusiveStartKey: start }),
          }),
        );
        items.push(...(page.Items ?? []).map(loadRef));
        start = page.LastEvaluatedKey as typeof start;
        if (start === undefined) break;
      }
      const shown = items.slice(0, limit);
      const last = shown.at(-1);
      const hasMore = items.length > limit || start !== undefined;
      return { items: shown, next: hasMore && last ? inboxPosition(last) : undefined };
    },

    async askedFor(approver, runId) {
      const { pk, sk } = keys.inbox(approver, { runId, stepPath: '' });
      const found: ApprovalRef[] = [];
      const items = allItems(table, {
        TableName,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :run)',
        ExpressionAttributeValues: { ':pk': pk, ':run': sk },
        ConsistentRead: true,
      });
      for await (const item of items) found.push(loadRef(item));
      return found;
    },
  };
}

/** Keys of what leads to approvals of a run, for whoever removes it. */
export async function approvalTraces(
  table: DynamoDBDocumentClient,
  TableName: string,
  run: RunRef,
): Promise<{ readonly pk: string; readonly sk: string }[]> {
  const items = allItems(table, approvalsIn(TableName, run));
  const found: { pk: string; sk: string }[] = [];
  for await (const item of items) {
    const approval = loadApproval(item);
    found.push(
      ...approversOf(approval).map((approver) => keys.inbox(approver, approval)),
      ...(item['doors'] as string[]).map(keys.approvalDoor),
    );
  }
  return found;
}

function approvalsIn(TableName: string, run: RunRef): QueryCommandInput {
  return {
    TableName,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :approval)',
    ExpressionAttributeValues: { ':pk': runPartition(run), ':approval': 'APPROVAL#' },
    ConsistentRead: true,
  };
}

function loadApproval(item: Record<string, unknown>): Approval {
  const optional = { decision: item['decision'], toldAt: item['told_at'] };
  const present = Object.entries(optional).filter(([, value]) => value !== undefined);
  return {
    ...(item['approval'] as Approval),
    taskToken: item['task_token'] as string,
    ...Object.fromEntries(present),
  };
}

function loadRef(item: Record<string, unknown>): ApprovalRef {
  return {
    userId: String(item['user_id']),
    runId: String(item['run_id']),
    stepPath: String(item['step_path']),
  };
}
