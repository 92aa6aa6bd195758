import { createHash } from 'node:crypto';
import { idAt } from '#core/ids';
import { DEFAULT_PLAN } from '#core/limits/plans';
import type { RejectReason, Run, TriggeredBy } from '#core/runs/run';

const MINUTE_MS = 60_000;
const DAY_SECONDS = 86_400;

/** Whose trigger was refused. */
export type RejectedAgent = {
  readonly userId: string;
  readonly agentId: string;
  readonly version: number;
  readonly retentionDays: number;
};

/**
 * The row in the history for a trigger that led to no run. All of one agent, reason and minute have
 * the same id: the row is written once and then counts.
 */
export function rejectedRun(
  agent: RejectedAgent,
  reason: RejectReason,
  triggeredBy: TriggeredBy,
  now: number,
): Run {
  const minute = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const name = `rejected:${agent.agentId}:${reason}:${triggeredBy}:${minute}`;
  const at = new Date(now).toISOString();
  return {
    userId: agent.userId,
    runId: idAt('run', minute, createHash('sha256').update(name).digest()),
    agentId: agent.agentId,
    agentVersion: agent.version,
    status: 'rejected',
    triggeredBy,
    triggeredAt: at,
    finishedAt: at,
    trigger: { kind: 'inline', json: 'null' },
    steps: {},
    retentionDays: agent.retentionDays,
    plan: DEFAULT_PLAN,
    depth: 0,
    creditsReserved: 0,
    workedMs: 0,
    claims: 0,
    faults: 0,
    waits: 0,
    epoch: 0,
    logTail: [],
    rejection: { reason, count: 1 },
    expiresAt: Math.floor(now / 1_000) + agent.retentionDays * DAY_SECONDS,
  };
}
