import { agentRunsPartition, duePartition, keys } from '#adapters/dynamo-keys';
import { pack, unpack } from '#adapters/packed-text';
import { DEFAULT_PLAN } from '#core/limits/plans';
import type { Run, StepRecord } from '#core/runs/run';
import { DUE_SHARDS } from '#core/runs/sweep';

/** A run as its item. JSON texts hold what may have any keys; the rest is plain attributes. */
export function storeRun(run: Run): Record<string, unknown> {
  return {
    ...keys.run(run),
    agent_key: agentRunsPartition(run.userId, run.agentId),
    user_key: run.userId,
    ...(run.dueAt !== undefined && {
      due_shard: duePartition(shardOf(run.runId)),
      due_at: run.dueAt,
    }),
    user_id: run.userId,
    run_id: run.runId,
    agent_id: run.agentId,
    agent_version: run.agentVersion,
    status: run.status,
    triggered_by: run.triggeredBy,
    triggered_at: run.triggeredAt,
    trigger: pack(JSON.stringify(run.trigger)),
    steps: Object.fromEntries(
      Object.values(run.steps).map((record) => [record.path, storeRecord(record)]),
    ),
    retention_days: run.retentionDays,
    epoch: 0,
    late_by_ms: run.lateByMs,
    rejection: run.rejection,
    credits_reserved: run.creditsReserved,
    plan: run.plan,
    ...(run.depth > 0 && { depth: run.depth }),
    finished_at: run.finishedAt,
    expires_at: run.expiresAt,
    claims: 0,
    faults: 0,
    waits: 0,
    worked_ms: 0,
    replay_of: run.replayOf,
  };
}

/** A run from its item. */
export function loadRun(item: Record<string, unknown>): Run {
  const owner = item['claim_owner'];
  const steps = (item['steps'] ?? {}) as Record<string, unknown>;
  const optional = {
    startedAt: item['started_at'],
    finishedAt: item['finished_at'],
    error: item['error'],
    outputSummary: item['output_summary'],
    watched: item['watched'] ?? undefined,
    waitingFor: item['waiting_for'],
    lateByMs: item['late_by_ms'],
    rejection: item['rejection'],
    creditsCharged: item['credits_charged'],
    costUsd: item['cost_usd'],
    isSettled: item['settled'],
    dueAt: item['due_at'],
    dedupeDigest: item['dedupe_digest'],
    cancelRequestedAt: item['cancel_requested_at'],
    replayOf: item['replay_of'],
    replayedBy: item['replayed_by'],
    ...(owner !== undefined && { claim: { owner, epoch: item['epoch'], beat: item['beat'] } }),
  };
  const present = Object.entries(optional).filter(([, value]) => value !== undefined);
  return {
    userId: item['user_id'],
    runId: item['run_id'],
    agentId: item['agent_id'],
    agentVersion: item['agent_version'],
    status: item['status'],
    triggeredBy: item['triggered_by'],
    triggeredAt: item['triggered_at'],
    trigger: loadTrigger(item['trigger']),
    steps: loadSteps(steps),
    retentionDays: item['retention_days'],
    creditsReserved: item['credits_reserved'] ?? 0,
    plan: item['plan'] ?? DEFAULT_PLAN,
    depth: item['depth'] ?? 0,
    claims: item['claims'],
    faults: item['faults'] ?? 0,
    workedMs: item['worked_ms'],
    waits: item['waits'] ?? 0,
    epoch: item['epoch'] ?? 0,
    logTail: item['log_tail'] === undefined ? [] : JSON.parse(unpack(item['log_tail'])),
    ...Object.fromEntries(present),
  } as Run;
}

/** A step's result as one attribute. */
export function storeRecord(record: StepRecord): Uint8Array {
  return pack(JSON.stringify(record));
}

/** A step's result from its attribute. */
export function loadRecord(stored: unknown): StepRecord {
  return JSON.parse(unpack(stored)) as StepRecord;
}

/** It was once stored as a map. */
function loadTrigger(stored: unknown): Run['trigger'] {
  return stored instanceof Uint8Array ? JSON.parse(unpack(stored)) : (stored as Run['trigger']);
}

function loadSteps(steps: Record<string, unknown>): Record<string, StepRecord> {
  const records = Object.values(steps).map(loadRecord);
  return Object.fromEntries(records.map((record) => [record.path, record]));
}

/** Ids end in random characters, so their last one spreads them evenly. */
export function shardOf(id: string): number {
  return id.charCodeAt(id.length - 1) % DUE_SHARDS;
}
