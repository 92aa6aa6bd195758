import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { watchForAbsence } from '#adapters/dynamo-health';
import { keys } from '#adapters/dynamo-keys';
import { storeSchedule } from '#adapters/dynamo-schedule-item';
import { transact } from '#adapters/dynamo-transaction';
import { sharedRead } from '#adapters/gathered';
import { isTransient } from '#adapters/transient';
import type { Agent, AgentVersion, WebhookDoor } from '#core/agents/agent';
import type { AgentStore } from '#core/agents/agent-store';
import { AlertSettings } from '#core/alerts/settings';
import type { StoredSchedule } from '#core/schedules/timetable';

type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** Versions kept in memory for runs to come; they never change. */
const CACHED_VERSIONS = 200;

/** Agents in the table: the agent itself, its immutable versions, and the webhook's door. */
export function dynamoAgents(table: DynamoDBDocumentClient, tableName: string): AgentStore {
  const TableName = tableName;
  const put = (item: Record<string, unknown>, condition?: Partial<Write['Put']>): Write => ({
    Put: { TableName, Item: item, ...condition },
  });
  const versions = new Map<string, AgentVersion>();

  function parts(agent: Agent, schedule: StoredSchedule | undefined): Write[] {
    const { id, userId, version } = agent;
    const door = doorOf(agent);
    return [
      put({ ...keys.version(userId, id, version), data: JSON.stringify(versionOf(agent)) }),
      door
        ? put({ ...keys.webhookDoor(id), ...door })
        : { Delete: { TableName, Key: keys.webhookDoor(id) } },
      ...(schedule ? [put(storeSchedule(schedule))] : []),
      ...watchForAbsence(TableName, agent),
    ];
  }

  /** @returns false when somebody else changed the agent before */
  async function isMade(items: Write[]): Promise<boolean> {
    try {
      await transact(table, items);
      return true;
    } catch (error) {
      if (error instanceof TransactionCanceledException && !isTransient(error)) return false;
      throw error;
    }
  }

  return {
    async create(agent, schedule) {
      const item = { ...keys.agent(agent.userId, agent.id), ...storedAgent(agent) };
      const first = put(item, { ConditionExpression: 'attribute_not_exists(pk)' });
      await transact(table, [first, ...parts(agent, schedule)]);
    },

    async find(userId, agentId) {
      const found = await table.send(
        new GetCommand({ TableName, Key: keys.agent(userId, agentId), ConsistentRead: true }),
      );
      return found.Item && loadAgent(found.Item);
    },

    async list(userId, { limit, after }) {
      const page = await table.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :agents)',
          ExpressionAttributeValues: { ':pk': `USER#${userId}`, ':agents': 'AGENT#' },
          ScanIndexForward: false,
          Limit: limit,
          ...(after !== undefined && { ExclusiveStartKey: keys.agent(userId, after) }),
        }),
      );
      const items = (page.Items ?? []).map(loadAgent);
      return { items, next: page.LastEvaluatedKey ? items.at(-1)?.id : undefined };
    },

    async replace(agent, expectedRevision, schedule) {
      const item = { ...keys.agent(agent.userId, agent.id), ...storedAgent(agent) };
      return isMade([put(item, atRevision(expectedRevision)), ...parts(agent, schedule)]);
    },

    async remove(agent, schedule) {
      const { userId, id } = agent;
      const Key = keys.agent(userId, id);
      return isMade([
        { Delete: { TableName, Key, ...atRevision(agent.revision) } },
        { Delete: { TableName, Key: keys.webhookDoor(id) } },
        // Kept for good: it leads to the versions when the account is removed.
        put(keys.removedAgent(userId, id)),
        ...(schedule ? [put(storeSchedule(schedule))] : []),
      ]);
    },

    async wasRemoved(userId, agentId) {
      const found = await table.send(
        new GetCommand({
          TableName,
          Key: keys.removedAgent(userId, agentId),
          ConsistentRead: true,
        }),
      );
      return found.Item !== undefined;
    },

    async version(userId, agentId, version) {
      const Key = keys.version(userId, agentId, version);
      const cacheKey = `${Key.pk}#${Key.sk}`;
      const cached = versions.get(cacheKey);
      if (cached !== undefined) return cached;
      const found = await table.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
      if (found.Item === undefined) return undefined;
      const loaded = JSON.parse(found.Item['data']) as AgentVersion;
      if (versions.size >= CACHED_VERSIONS) versions.delete(versions.keys().next().value ?? '');
      versions.set(cacheKey, loaded);
      return loaded;
    },

    async versions(userId, agentId, { limit, after }) {
      const page = await table.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :versions)',
          ExpressionAttributeValues: {
            ':pk': keys.version(userId, agentId, 0).pk,
            ':versions': 'VERSION#',
          },
          ScanIndexForward: false,
          Limit: limit,
          ConsistentRead: true,
          ...(after !== undefined && {
            ExclusiveStartKey: keys.version(userId, agentId, Number(after)),
          }),
        }),
      );
      const items = (page.Items ?? []).map((item) => JSON.parse(item['data']) as AgentVersion);
      return { items, next: page.LastEvaluatedKey && String(items.at(-1)?.version) };
    },

    webhookDoor: sharedRead(async (agentId: string) => {
      const found = await table.send(
        new GetCommand({ TableName, Key: keys.webhookDoor(agentId), ConsistentRead: true }),
      );
      return found.Item && loadDoor(found.Item);
    }),
  };
}

function atRevision(expected: number) {
  return {
    ConditionExpression: 'revision = :expected',
    ExpressionAttributeValues: { ':expected': expected },
  };
}

function versionOf(agent: Agent): AgentVersion {
  const { version, name, description, trigger, actions, settings, mostCredits, createdAt } = agent;
  return { version, name, description, trigger, actions, settings, mostCredits, createdAt };
}

function doorOf(agent: Agent): WebhookDoor | undefined {
  if (agent.trigger.type !== 'webhook') return undefined;
  return {
    userId: agent.userId,
    agentId: agent.id,
    version: agent.version,
    enabled: agent.enabled,
    auth: agent.trigger.auth,
    secrets: agent.trigger.secrets,
    ratePerMinute: agent.settings.webhook_rate_per_minute,
    dedupeWindowSeconds: agent.settings.dedupe_window_seconds,
    retentionDays: agent.settings.log_retention_days,
    mostCredits: agent.mostCredits,
  };
}

/** The definition as JSON text: it may hold any keys and numbers, which attributes may not. */
function storedAgent(agent: Agent): Record<string, unknown> {
  return { revision: agent.revision, data: JSON.stringify(agent) };
}

function loadAgent(item: Record<string, unknown>): Agent {
  const agent = JSON.parse(String(item['data'])) as Agent;
  // Agents that were stored before there were alerts have no such settings.
  const alert = AlertSettings.parse(agent.settings.alert ?? {});
  return { ...agent, settings: { ...agent.settings, alert } };
}

function loadDoor(item: Record<string, unknown>): WebhookDoor {
  const { pk: _, sk: __, ...door } = item;
  return door as WebhookDoor;
}
