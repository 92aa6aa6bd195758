import { setTimeout } from 'node:timers/promises';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  BatchWriteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { loadTotals, storeTotals } from '#adapters/dynamo-account-item';
import { approvalTraces } from '#adapters/dynamo-approvals';
import { unnameActs } from '#adapters/dynamo-audit';
import { keys, runPartition } from '#adapters/dynamo-keys';
import { allItems, keysIn } from '#adapters/dynamo-partition';
import { deleteObjects, objectKey } from '#adapters/payloads';
import type { AccountStore } from '#core/limits/account';
import { webhookRateName } from '#core/limits/rates';
import { isFinal, type Run, runStatuses } from '#core/runs/run';

type Key = { readonly pk: string; readonly sk: string };

/** Most items that one batch may delete. */
const BATCH = 25;

/** Deletions that a batch did not get to are asked for again this often. */
const BATCH_TRIES = 8;

/** The removal of what a user has. */
export function dynamoAccount(
  table: DynamoDBDocumentClient,
  tableName: string,
  bucketName: string,
): AccountStore {
  const TableName = tableName;

  async function deleteAll(wanted: readonly Key[]): Promise<void> {
    for (let start = 0; start < wanted.length; start += BATCH) {
      const requests = wanted
        .slice(start, start + BATCH)
        .map((Key) => ({ DeleteRequest: { Key } }));
      let left: typeof requests | undefined = requests;
      for (let attempt = 0; left !== undefined && attempt < BATCH_TRIES; attempt += 1) {
        const answer = await table.send(
          new BatchWriteCommand({ RequestItems: { [TableName]: left } }),
        );
        left = answer.UnprocessedItems?.[TableName] as typeof requests | undefined;
        if (left !== undefined) await setTimeout(50 * 2 ** attempt);
      }
      if (left !== undefined) throw new Error('the table takes no more deletions for now');
    }
  }

  async function keysOf(pk: string): Promise<Key[]> {
    const found: Key[] = [];
    for await (const key of allItems(table, keysIn(TableName, pk))) found.push(key as Key);
    return found;
  }

  return {
    async removedAgents(userId, { limit, after }) {
      const page = await table.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :removed)',
          ExpressionAttributeValues: {
            ':pk': keys.removedAgent(userId, '').pk,
            ':removed': keys.removedAgent(userId, '').sk,
          },
          ConsistentRead: true,
          Limit: limit,
          ...(after !== undefined && { ExclusiveStartKey: keys.removedAgent(userId, after) }),
        }),
      );
      const items = (page.Items ?? []).map(({ sk }) => String(sk).slice('REMOVED#'.length));
      return { items, next: page.LastEvaluatedKey && items.at(-1) };
    },

    async forgetAgent(userId, agentId) {
      const partitions = [
        keys.version(userId, agentId, 0).pk,
        keys.delivery(userId, agentId, '').pk,
        keys.rate(webhookRateName(agentId), 0).pk,
        keys.schedule(userId, agentId).pk,
        keys.slots({ userId, agentId }).pk,
        keys.parked({ userId, agentId }, '').pk,
      ];
      for (const partition of partitions) await deleteAll(await keysOf(partition));
      // Last, so that a removal that stops in between finds the agent again.
      await deleteAll([keys.removedAgent(userId, agentId)]);
    },

    async forgetCredits(userId) {
      const Key = keys.account(userId);
      const found = await table.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
      if (found.Item) {
        const Item = {
          ...keys.closedAccount(userId),
          ...storeTotals(loadTotals(userId, found.Item)),
        };
        await table.send(new PutCommand({ TableName, Item }));
      }
      await deleteAll(await keysOf(keys.ledgerPage(userId, 0).pk));
      await unnameActs(table, TableName, userId);
      await deleteAll(await keysOf(keys.audit(userId, '').pk));
      await deleteAll(await keysOf(keys.slots({ userId }).pk));
      await deleteAll(await keysOf(keys.parked({ userId }, '').pk));
      await deleteAll([keys.profile(userId), keys.accountEntry(userId), keys.warning(userId)]);
      await deleteAll([Key]);
    },

    async forgetConnections(userId) {
      await deleteAll(await keysOf(keys.connection(userId, '').pk));
    },

    async forgetApiKeys(userId) {
      const found: Key[] = [];
      const doors: Key[] = [];
      const all = keysIn(TableName, keys.apiKeyCount(userId).pk);
      const query = { ...all, ProjectionExpression: 'pk, sk, digest' };
      for await (const { pk, sk, digest } of allItems(table, query)) {
        found.push({ pk, sk });
        if (digest !== undefined) doors.push(keys.apiKeyDoor(digest));
      }
      // What leads to the doors goes last, so that a removal that stops in between finds them again.
      await deleteAll(doors);
      await deleteAll(found);
    },

    async forgetSuppressions(userId) {
      await deleteAll(await keysOf(keys.suppression(userId, '').pk));
    },

    async endRun(run, error, finishedAt) {
      const open = runStatuses.filter((status) => !isFinal(status));
      const named = Object.fromEntries(open.map((status) => [`:${status}`, status]));
      try {
        const before = await table.send(
          new UpdateCommand({
            TableName,
            Key: keys.run(run),
            UpdateExpression:
              'SET #status = :cancelled, finished_at = :at, #error = :error REMOVE claim_owner, due_shard, due_at, watched, waiting_for, wait_until',
            ConditionExpression: `#status IN (${Object.keys(named).join(', ')})`,
            ExpressionAttributeNames: { '#status': 'status', '#error': 'error' },
            ExpressionAttributeValues: {
              ':cancelled': 'cancelled',
              ':at': finishedAt,
              ':error': error,
              ...named,
            },
            ReturnValues: 'ALL_OLD',
          }),
        );
        return before.Attributes?.['claim_owner'] !== undefined;
      } catch (failed) {
        // It has ended by itself, or is gone: nobody works on it.
        if (failed instanceof ConditionalCheckFailedException) return false;
        throw failed;
      }
    },

    async forgetRun(run, isUnfinished) {
      await deleteObjects(bucketName, objectKeys(run, isUnfinished));
      const parts = (await keysOf(runPartition(run))).filter(({ sk }) => sk !== 'RUN');
      const isAsked = parts.some(({ sk }) => sk.startsWith('APPROVAL#'));
      if (isAsked) await deleteAll(await approvalTraces(table, TableName, run));
      const { dedupeDigest } = run;
      const dedupe = dedupeDigest === undefined ? [] : [keys.dedupe(run.userId, dedupeDigest)];
      await deleteAll([...parts, ...dedupe]);
      // Last: the lists lead to the rest only as long as it is there.
      await deleteAll([keys.run(run)]);
    },
  };
}

/** Objects of a run. A step that was stopped half-way may have left some that no record names. */
function objectKeys(run: Run, isUnfinished: boolean): string[] {
  const records = Object.values(run.steps);
  const payloads = [run.trigger, ...records.flatMap(({ input, output }) => [input, output])];
  const named = payloads.flatMap((one) => (one?.kind === 'object' ? [one.key] : []));
  if (!isUnfinished) return named;
  const last = Math.max(-1, ...records.map(({ index }) => index));
  const inFlight = [last, last + 1].filter((index) => index >= 0);
  const possible = inFlight.flatMap((index) => [`${index}.input`, `${index}.output`]);
  return [...new Set([...named, ...possible.map((name) => objectKey(run, name))])];
}
