import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { duePartition, keys } from '#adapters/dynamo-keys';
import { shardOf } from '#adapters/dynamo-run-item';
import type { Agent } from '#core/agents/agent';
import type { AgentHealth, AgentRef, HealthState, HealthStore } from '#core/alerts/health';

type Change = Omit<UpdateCommandInput, 'TableName' | 'Key'>;

/** The health of agents in the table: one item each, from the first failure on. */
export function dynamoHealth(table: DynamoDBDocumentClient, TableName: string): HealthStore {
  async function isMade({ userId, agentId }: AgentRef, change: Change): Promise<boolean> {
    const Key = keys.health(userId, agentId);
    try {
      await table.send(new UpdateCommand({ TableName, Key, ...change }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  return {
    async noteFailure(agent, runId, at) {
      const due = { ':at': at, ':shard': duePartition(shardOf(agent.agentId)) };
      const set = 'SET stirred_at = :at, due_at = :at, due_shard = :shard';
      const isNewest = await isMade(agent, {
        UpdateExpression: `${set}, last_failed = :run`,
        ConditionExpression: 'attribute_not_exists(last_failed) OR last_failed <= :run',
        ExpressionAttributeValues: { ...due, ':run': runId },
      });
      // One that was triggered earlier lengthens a streak all the same.
      if (!isNewest) await isMade(agent, { UpdateExpression: set, ExpressionAttributeValues: due });
    },

    async find(agent) {
      const found = await table.send(
        new GetCommand({
          TableName,
          Key: keys.health(agent.userId, agent.agentId),
          ConsistentRead: true,
        }),
      );
      return found.Item && loadHealth(agent, found.Item);
    },

    async save(health, state, dueAt) {
      const revision = health.revision + 1;
      const saved = { ...health, state, revision };
      const values = {
        ':state': JSON.stringify(state),
        ':next': revision,
        ':seen': health.revision,
      };
      const isSeen = health.revision === 0 ? 'attribute_not_exists(revision)' : 'revision = :seen';
      const { ':seen': _, ...first } = values;
      const given = health.revision === 0 ? first : values;
      const due =
        dueAt === undefined
          ? { more: ' REMOVE due_shard, due_at', values: {} }
          : {
              more: ', due_at = :due, due_shard = :shard',
              values: {
                ':due': new Date(dueAt).toISOString(),
                ':shard': duePartition(shardOf(health.agentId)),
              },
            };
      const isMoved = await isMade(health, {
        UpdateExpression: `SET #state = :state, revision = :next${due.more}`,
        ConditionExpression: `${isSeen} AND stirred_at = :stirred`,
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: { ...given, ...due.values, ':stirred': health.stirredAt },
      });
      if (isMoved) return saved;
      // Something has happened since: it stays due as soon as that says.
      const isKept = await isMade(health, {
        UpdateExpression: 'SET #state = :state, revision = :next',
        ConditionExpression: isSeen,
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: given,
      });
      return isKept ? saved : undefined;
    },
  };
}

/**
 * The change that goes with an agent's own: one that is to be told of when it stays away is looked
 * at from now on.
 */
export function watchForAbsence(
  TableName: string,
  { userId, id, enabled, settings, updatedAt }: Agent,
): NonNullable<TransactWriteCommandInput['TransactItems']> {
  if (!enabled || settings.alert.absence_hours === null) return [];
  return [
    {
      Update: {
        TableName,
        Key: keys.health(userId, id),
        UpdateExpression:
          'SET stirred_at = :at, watched_from = :at, due_at = :at, due_shard = :shard',
        ExpressionAttributeValues: { ':at': updatedAt, ':shard': duePartition(shardOf(id)) },
      },
    },
  ];
}

function loadHealth({ userId, agentId }: AgentRef, item: Record<string, unknown>): AgentHealth {
  const { state, revision, last_failed, stirred_at, watched_from } = item;
  return {
    userId,
    agentId,
    revision: Number(revision ?? 0),
    state: JSON.parse(String(state ?? '{}')) as HealthState,
    stirredAt: String(stirred_at),
    ...(last_failed !== undefined && { lastFailed: String(last_failed) }),
    ...(watched_from !== undefined && { watchedFrom: String(watched_from) }),
  };
}
