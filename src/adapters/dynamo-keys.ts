import { createHash } from 'node:crypto';
import type { ApprovalRef, Approver } from '#core/approvals/approval';
import type { RunRef } from '#core/runs/run';

/** Whose slots: a user's, or one agent's. */
type GateName = { readonly userId: string; readonly agentId?: string };

/**
 * Keys of the one table; `docs/data-model.md` lists the access patterns that they serve. The owner
 * is part of every partition key, so that a read with another user's id finds nothing. Doors are the
 * exceptions: a webhook's caller knows only the agent's id, whoever has a link or an API key only that.
 */
export const keys = {
  agent: (userId: string, agentId: string) => ({ pk: `USER#${userId}`, sk: `AGENT#${agentId}` }),
  removedAgent: (userId: string, agentId: string) => ({
    pk: `USER#${userId}`,
    sk: `REMOVED#${agentId}`,
  }),
  version: (userId: string, agentId: string, version: number) => ({
    pk: `AGENT#${userId}#${agentId}`,
    sk: `VERSION#${String(version).padStart(6, '0')}`,
  }),
  health: (userId: string, agentId: string) => ({
    pk: `AGENT#${userId}#${agentId}`,
    sk: 'HEALTH',
  }),
  memory: (userId: string, agentId: string, name: string) => ({
    pk: `AGENT#${userId}#${agentId}`,
    sk: `MEMORY#${name}`,
  }),
  schedule: (userId: string, agentId: string) => ({
    pk: `SCHEDULE#${userId}#${agentId}`,
    sk: 'SCHEDULE',
  }),
  webhookDoor: (agentId: string) => ({ pk: `WEBHOOK#${agentId}`, sk: 'WEBHOOK' }),
  // Counters outlive the data of the user whom they count, so they do not say whose they are.
  rate: (name: string, window: number) => ({
    pk: `RATE#${digestOf(name)}`,
    sk: `WINDOW#${window}`,
  }),
  bucket: (name: string) => ({ pk: `BUCKET#${digestOf(name)}`, sk: 'BUCKET' }),
  delivery: (userId: string, agentId: string, at: string) => ({
    pk: `DELIVERY#${userId}#${agentId}`,
    sk: at,
  }),
  dedupe: (userId: string, digest: string) => ({ pk: `DEDUPE#${userId}#${digest}`, sk: 'DEDUPE' }),
  account: (userId: string) => ({ pk: `ACCOUNT#${userId}`, sk: 'ACCOUNT' }),
  /** Outlives the user's data, so it does not say whose it is. */
  closedAccount: (userId: string) => ({
    pk: `CLOSED#${digestOf(userId)}`,
    sk: 'CLOSED',
  }),
  slots: ({ userId, agentId = '' }: GateName) => ({
    pk: `SLOTS#${userId}#${agentId}`,
    sk: 'SLOTS',
  }),
  parked: ({ userId, agentId = '' }: GateName, runId: string) => ({
    pk: `PARKED#${userId}#${agentId}`,
    sk: runId,
  }),
  ledgerPage: (userId: string, first: number) => ({
    pk: `LEDGER#${userId}`,
    sk: `PAGE#${String(first).padStart(12, '0')}`,
  }),
  connection: (userId: string, id: string) => ({
    pk: `CONNECTIONS#${userId}`,
    sk: `CONNECTION#${id}`,
  }),
  removedConnection: (userId: string, id: string) => ({
    pk: `CONNECTIONS#${userId}`,
    sk: `REMOVED#${id}`,
  }),
  apiKey: (userId: string, id: string) => ({ pk: `API_KEYS#${userId}`, sk: `KEY#${id}` }),
  removedApiKey: (userId: string, id: string) => ({
    pk: `API_KEYS#${userId}`,
    sk: `REMOVED#${id}`,
  }),
  apiKeyCount: (userId: string) => ({ pk: `API_KEYS#${userId}`, sk: 'COUNT' }),
  /** An API key leads here, and from here to its owner; whoever has it says nothing else. */
  apiKeyDoor: (digest: string) => ({ pk: `API_KEY#${digest}`, sk: 'API_KEY' }),
  /** @param address in lower case */
  suppression: (userId: string, address: string) => ({
    pk: `SUPPRESSED#${userId}`,
    sk: address,
  }),
  /** Names nobody: what was adjusted is in the ledger of its account. */
  adjustment: (digest: string) => ({ pk: `ADJUSTMENT#${digest}`, sk: 'ADJUSTMENT' }),
  warning: (userId: string) => ({ pk: `WARNING#${userId}`, sk: 'WARNING' }),
  /** Outlives the user's data until it is told: it is what the user owes. */
  usageEvent: ({ userId, runId }: RunRef) => ({ pk: `USAGE#${userId}#${runId}`, sk: 'USAGE' }),
  audit: (userId: string, id: string) => ({ pk: `AUDIT#${userId}`, sk: id }),
  adminAudit: (id: string) => ({ pk: 'AUDIT_OF_ADMINS', sk: id }),
  pause: () => ({ pk: 'PAUSE', sk: 'PAUSE' }),
  /** Leads to the accounts, of which nothing else lists all. */
  accountEntry: (userId: string) => ({ pk: 'ACCOUNTS', sk: userId }),
  /** What the product's own automations keep. */
  record: (collection: string, id: string) => ({ pk: `RECORDS#${collection}`, sk: id }),
  run: (ref: RunRef) => ({ pk: runPartition(ref), sk: 'RUN' }),
  profile: (userId: string) => ({ pk: `USER#${userId}`, sk: 'PROFILE' }),
  approval: (ref: ApprovalRef) => ({ pk: runPartition(ref), sk: `APPROVAL#${ref.stepPath}` }),
  /** A mailed token leads here; whoever has it knows nothing else. */
  approvalDoor: (digest: string) => ({ pk: `DOOR#${digest}`, sk: 'DOOR' }),
  inbox: (approver: Approver, { runId, stepPath }: Pick<ApprovalRef, 'runId' | 'stepPath'>) => ({
    pk: approver.kind === 'owner' ? `INBOX#${approver.userId}` : `INBOX_OF#${approver.email}`,
    sk: `APPROVAL#${runId}#${stepPath}`,
  }),
  payload: (ref: RunRef, name: string) => ({ pk: runPartition(ref), sk: `PAYLOAD#${name}` }),
  /** Places are padded, so that a loop's items sort as they stand. */
  loopItem: (ref: RunRef, itemPath: string) => ({
    pk: runPartition(ref),
    sk: `ITEM#${itemPath.replace(/\[(\d+)\]/g, (_, place: string) => `[${place.padStart(5, '0')}]`)}`,
  }),
  logPart: (ref: RunRef, epoch: number, part: number) => ({
    pk: runPartition(ref),
    sk: `LOG#${String(epoch).padStart(6, '0')}#${String(part).padStart(6, '0')}`,
  }),
};

/** The item collection of one run. */
export function runPartition(ref: RunRef): string {
  return `RUN#${ref.userId}#${ref.runId}`;
}

/** Partition of the index that lists an agent's runs. */
export function agentRunsPartition(userId: string, agentId: string): string {
  return `${userId}#${agentId}`;
}

/** Partition of the due index. */
export function duePartition(shard: number): string {
  return `DUE#${shard}`;
}

function digestOf(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}
