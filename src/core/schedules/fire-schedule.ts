import { createHash } from 'node:crypto';
import type { Agent } from '#core/agents/agent';
import type { AgentStore } from '#core/agents/agent-store';
import { idAt } from '#core/ids';
import { type AdmissionDeps, admitRun, rejectionOf } from '#core/limits/admission';
import { DEFAULT_PLAN } from '#core/limits/plans';
import type { Metrics } from '#core/metrics';
import type { Clock, Log } from '#core/ports';
import { FIRST_LOOK_MS } from '#core/runs/open-run';
import { rejectedRun } from '#core/runs/rejected-run';
import type { Run, RunRef } from '#core/runs/run';
import { recordRejection } from '#core/runs/run-metrics';
import type { RunStore, ScheduleMove } from '#core/runs/run-store';
import type { ScheduleStore } from '#core/schedules/schedule-store';
import { nextFire, nominalOf, type StoredSchedule } from '#core/schedules/timetable';

/** What the fast path sends when a schedule's time has come. */
export type Fire = {
  readonly userId: string;
  readonly agentId: string;
  readonly generation: number;
  /** Epoch milliseconds. */
  readonly scheduledAt: number;
};

/** What firing works with. */
export type FireDeps = AdmissionDeps & {
  readonly agents: Pick<AgentStore, 'find'>;
  readonly runs: Pick<RunStore, 'createScheduled' | 'reject'>;
  readonly schedules: Pick<ScheduleStore, 'find' | 'advance' | 'reopen' | 'adopt'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
};

/** A start this much after its nominal time is said to be late, in milliseconds. */
const LATE_MS = 5_000;

/**
 * Opens the run of a fire. Stale fires (of an earlier generation, of a schedule that is switched
 * off) and times that the schedule does not name are dropped. The run's id follows from agent and
 * nominal time, so a fire that comes twice, or that the sweeper was quicker with, is one run.
 *
 * @returns the run to execute, if there is one
 */
export async function fireSchedule(fire: Fire, deps: FireDeps): Promise<RunRef | undefined> {
  const schedule = await deps.schedules.find(fire.userId, fire.agentId);
  const { timing } = schedule ?? {};
  if (schedule === undefined || timing === undefined || schedule.generation !== fire.generation) {
    deps.log.info('stale fire dropped', { agentId: fire.agentId, generation: fire.generation });
    if (schedule) await deps.schedules.reopen(schedule, fire.generation);
    else await deps.schedules.adopt(orphanOf(fire), deps.clock.now());
    return undefined;
  }
  const nominal = nominalOf(timing, fire.scheduledAt);
  if (nominal === undefined) {
    deps.log.warn('fire at no nominal time dropped', {
      agentId: fire.agentId,
      at: fire.scheduledAt,
    });
    return undefined;
  }
  return startNominal(schedule, nominal, deps);
}

/**
 * Opens the run of one nominal time. When it is the schedule's next time, the schedule moves on in
 * the same write; a time that overtook an earlier one leaves it where it is, so that the earlier
 * one is not forgotten; and one that lies behind has been dealt with.
 */
export async function startNominal(
  schedule: StoredSchedule,
  nominal: number,
  deps: FireDeps,
): Promise<RunRef | undefined> {
  const agent = await deps.agents.find(schedule.userId, schedule.agentId);
  if (agent === undefined || schedule.timing === undefined) return undefined;
  const run = scheduledRun(agent, nominal, deps.clock.now());
  const { nextAt = Number.POSITIVE_INFINITY, timing } = schedule;
  const move = nominal === nextAt ? { schedule, nextAt: nextFire(timing, nominal) } : undefined;
  if (nominal >= nextAt) {
    try {
      await admitRun(run.userId, run.creditsReserved, deps, (admission) =>
        deps.runs.createScheduled({ ...run, plan: admission.account.plan }, move, admission),
      );
    } catch (error) {
      return refused(error, agent, move, deps);
    }
  }
  return { userId: run.userId, runId: run.runId };
}

/**
 * A time that its owner's account has nothing left for is a row in the history. One that overtook an
 * earlier one stays: the schedule comes to it again.
 */
async function refused(
  error: unknown,
  agent: Agent,
  move: ScheduleMove | undefined,
  deps: FireDeps,
): Promise<undefined> {
  const reason = rejectionOf(error);
  if (reason === undefined) throw error;
  deps.log.info('fire refused', { agentId: agent.id, reason });
  if (move === undefined) return;
  recordRejection(deps.metrics, 'schedule', reason);
  const { id: agentId, userId, version, settings } = agent;
  const owner = { userId, agentId, version, retentionDays: settings.log_retention_days };
  await deps.runs.reject(rejectedRun(owner, reason, 'schedule', deps.clock.now()), move);
}

/** The schedule behind a fire that nobody knows: nothing may fire, and the fast path must forget it. */
function orphanOf({ userId, agentId, generation }: Fire): StoredSchedule {
  const generations = { generation, oldestGeneration: generation };
  return { userId, agentId, ...generations, isApplied: false, catchUp: 'none' };
}

function scheduledRun(agent: Agent, nominal: number, now: number): Run {
  const scheduledAt = new Date(nominal).toISOString();
  const at = new Date(now).toISOString();
  const trigger = {
    body: null,
    headers: {},
    query: {},
    scheduled_at: scheduledAt,
    received_at: at,
  };
  return {
    userId: agent.userId,
    runId: nominalRunId(agent.id, nominal, 'run'),
    agentId: agent.id,
    agentVersion: agent.version,
    status: 'queued',
    triggeredBy: 'schedule',
    triggeredAt: at,
    trigger: { kind: 'inline', json: JSON.stringify(trigger) },
    steps: {},
    plan: DEFAULT_PLAN,
    depth: 0,
    creditsReserved: agent.mostCredits,
    retentionDays: agent.settings.log_retention_days,
    workedMs: 0,
    claims: 0,
    faults: 0,
    waits: 0,
    epoch: 0,
    dueAt: new Date(now + FIRST_LOOK_MS).toISOString(),
    logTail: [],
    ...(now - nominal >= LATE_MS && { lateByMs: now - nominal }),
  };
}

/** A row in the history for nominal times that were missed for good: one row, with their number. */
export function missedRun(agent: Agent, missed: readonly number[], now: number): Run {
  const first = missed[0] ?? now;
  const { dueAt: _, ...run } = scheduledRun(agent, first, now);
  return {
    ...run,
    runId: nominalRunId(agent.id, first, 'missed'),
    creditsReserved: 0,
    status: 'rejected',
    finishedAt: run.triggeredAt,
    rejection: { reason: 'missed', count: missed.length },
    expiresAt: Math.floor(now / 1_000) + run.retentionDays * 86_400,
  };
}

/** The same for the same agent and time, and sorted among the ids of its time. */
function nominalRunId(agentId: string, nominal: number, purpose: 'run' | 'missed'): string {
  const digest = createHash('sha256').update(`${purpose}:${agentId}:${nominal}`).digest();
  return idAt('run', nominal, digest);
}
