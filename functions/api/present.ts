import type { Agent, AgentVersion, StoredTrigger } from '#core/agents/agent';
import { maskSecret } from '#core/agents/agent-trigger';
import type { AgentView, TriggerView, VersionView } from '#core/api/agent';
import type { ConnectionView } from '#core/api/connection';
import type { StoredConnection } from '#core/connections/connection';
import { shownHost } from '#core/connections/origins';
import type { RunStatus } from '#core/runs/run';
import type { RunOutcome } from '#core/runs/run-store';
import type { StoredSchedule } from '#core/schedules/timetable';

/** What an agent's own item does not say. */
export type AgentContext = {
  /** Its newest runs, newest first. */
  readonly newest: readonly RunOutcome[];
  readonly schedule: StoredSchedule | undefined;
  /** Base of webhook links. */
  readonly publicUrl: string;
  /** The webhook secret, in the answer to the call that made it and never again. */
  readonly secret?: string | undefined;
};

/** An agent as callers see it. */
export function presentAgent(agent: Agent, context: AgentContext): AgentView {
  const { newest, schedule, publicUrl, secret } = context;
  const [lastRun] = newest;
  const count = (wanted: RunStatus) => newest.filter(({ status }) => status === wanted).length;
  const isWebhook = agent.trigger.type === 'webhook';
  const nextAt = schedule?.timing && schedule.nextAt;
  return {
    id: agent.id,
    user_id: agent.userId,
    name: agent.name,
    description: agent.description,
    enabled: agent.enabled,
    version: agent.version,
    trigger_config: presentTrigger(agent.trigger, secret),
    actions: [...agent.actions],
    settings: agent.settings,
    webhook_url: isWebhook ? `${publicUrl}/api/agents/webhook/${agent.id}` : null,
    next_run_at: nextAt === undefined ? null : new Date(nextAt).toISOString(),
    last_run: lastRun
      ? { id: lastRun.runId, status: lastRun.status, triggered_at: lastRun.triggeredAt }
      : null,
    run_counts: {
      success: count('success'),
      failed: count('failed'),
      cancelled: count('cancelled'),
    },
    created_at: agent.agentCreatedAt,
    updated_at: agent.updatedAt,
  };
}

/** One version of an agent's definition as callers see it. */
export function presentVersion(version: AgentVersion): VersionView {
  return {
    version: version.version,
    name: version.name,
    description: version.description,
    trigger_config: presentTrigger(version.trigger, undefined),
    actions: [...version.actions],
    settings: version.settings,
    created_at: version.createdAt,
  };
}

function presentTrigger(trigger: StoredTrigger, secret: string | undefined): TriggerView {
  if (trigger.type === 'manual') return { type: 'manual' };
  if (trigger.type === 'webhook') {
    const [current] = trigger.secrets;
    const shown = secret ?? (current ? maskSecret(current) : null);
    return { type: 'webhook', auth: trigger.auth, secret: shown };
  }
  if (trigger.runAt !== undefined) return { type: 'schedule', run_at: trigger.runAt };
  const { cronExpression, timezone } = trigger;
  return { type: 'schedule', cron_expression: cronExpression, timezone };
}

/** A connection as callers see it: everything but the secret. */
export function presentConnection(connection: StoredConnection): ConnectionView {
  const { id, kind, name, settings, origins, createdAt, updatedAt = createdAt } = connection;
  return {
    id,
    kind,
    name,
    settings: { ...settings },
    allowed_hosts: origins.map(shownHost),
    version: connection.version ?? 1,
    created_at: createdAt,
    updated_at: updatedAt,
  };
}
