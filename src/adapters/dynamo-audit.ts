import { createHash } from 'node:crypto';
import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { keys } from '#adapters/dynamo-keys';
import { allItems } from '#adapters/dynamo-partition';
import { AUDIT_DAYS, type AuditEntry, type AuditStore } from '#core/audit';

const DAY_SECONDS = 86_400;

/** Acts in the table: those about an account in its partition, those of admins in one of their own. */
export function dynamoAudit(table: DynamoDBDocumentClient, TableName: string): AuditStore {
  async function put(Key: { pk: string; sk: string }, entry: AuditEntry): Promise<void> {
    const expires_at = Math.floor(Date.parse(entry.at) / 1_000) + AUDIT_DAYS * DAY_SECONDS;
    const Item = { ...Key, data: JSON.stringify(entry), expires_at };
    await table.send(new PutCommand({ TableName, Item }));
  }

  return {
    async add(entry) {
      const { account, actor, id } = entry;
      if (actor.kind === 'admin' || account === undefined) await put(keys.adminAudit(id), entry);
      if (account !== undefined) await put(keys.audit(account, id), entry);
    },

    async list(scope, { limit, after }) {
      const keyOf = (id: string) =>
        scope === 'admins' ? keys.adminAudit(id) : keys.audit(scope.account, id);
      const page = await table.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': keyOf('').pk },
          ScanIndexForward: false,
          ConsistentRead: true,
          Limit: limit,
          ...(after !== undefined && { ExclusiveStartKey: keyOf(after) }),
        }),
      );
      const items = (page.Items ?? []).map(
        (item) => JSON.parse(String(item['data'])) as AuditEntry,
      );
      return { items, next: page.LastEvaluatedKey ? items.at(-1)?.id : undefined };
    },
  };
}

/**
 * Leaves what admins did about an account, without saying whose it was. Doing it again is fine.
 *
 * @throws whatever the table throws
 */
export async function unnameActs(
  table: DynamoDBDocumentClient,
  TableName: string,
  userId: string,
): Promise<void> {
  const user = createHash('sha256').update(userId).digest('hex');
  const { pk } = keys.audit(userId, '');
  const acts = { TableName, KeyConditionExpression: 'pk = :pk', ConsistentRead: true };
  for await (const item of allItems(table, { ...acts, ExpressionAttributeValues: { ':pk': pk } })) {
    const { account: _, ...entry } = JSON.parse(String(item['data'])) as AuditEntry;
    if (entry.actor.kind !== 'admin') continue;
    const actor = entry.actor.userId === userId ? { kind: 'admin' } : entry.actor;
    const data = JSON.stringify({ ...entry, actor, details: { ...entry.details, user } });
    const Item = { ...item, ...keys.adminAudit(entry.id), data };
    await table.send(new PutCommand({ TableName, Item }));
  }
}
