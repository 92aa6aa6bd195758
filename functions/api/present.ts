import type { Agent } from '#core/agent';
import { maskSecret } from '#core/agents';
import type { Payload } from '#core/payload';
import type { PayloadStore } from '#core/ports';
import type { Run, StepRecord } from '#core/run';

/**
 * An agent as callers see it.
 *
 * @param secret the webhook secret, in the answer to the call that made it and never again
 */
export function presentAgent(
  agent: Agent,
  lastRun: Run | undefined,
  publicUrl: string,
  secret?: string,
): Record<string, unknown> {
  const isWebhook = agent.trigger.type === 'webhook';
  return {
    id: agent.id,
    user_id: agent.userId,
    name: agent.name,
    description: agent.description,
    enabled: agent.enabled,
    version: agent.version,
    trigger_config: presentTrigger(agent, secret),
    actions: agent.actions,
    settings: agent.settings,
    webhook_url: isWebhook ? `${publicUrl}/api/agents/webhook/${agent.id}` : null,
    next_run_at: null,
    last_run: lastRun
      ? { id: lastRun.runId, status: lastRun.status, triggered_at: lastRun.triggeredAt }
      : null,
    created_at: agent.agentCreatedAt,
    updated_at: agent.updatedAt,
  };
}

function presentTrigger({ trigger }: Agent, secret: string | undefined): Record<string, unknown> {
  if (trigger.type !== 'webhook') return { type: trigger.type };
  const [current] = trigger.secrets;
  return {
    type: 'webhook',
    auth: trigger.auth,
    secret: secret ?? (current ? maskSecret(current) : null),
  };
}

/** A run as lists show it. */
export function presentRun(run: Run): Record<string, unknown> {
  return {
    id: run.runId,
    agent_id: run.agentId,
    user_id: run.userId,
    status: run.status,
    triggered_by: run.triggeredBy,
    triggered_at: run.triggeredAt,
    started_at: run.startedAt ?? null,
    finished_at: run.finishedAt ?? null,
    duration_ms: duration(run.startedAt, run.finishedAt),
    error_message: run.error?.message ?? null,
    error: run.error ?? null,
    output_summary: run.outputSummary ?? null,
    waiting_for: null,
    agent_version: run.agentVersion,
    replay_of: null,
  };
}

/** One run with its trigger and its steps, payloads read from wherever they are kept. */
export async function presentRunInFull(
  run: Run,
  payloads: Pick<PayloadStore, 'get'>,
): Promise<Record<string, unknown>> {
  const read = async (payload: Payload | undefined): Promise<unknown> =>
    payload ? JSON.parse(await payloads.get(run, payload)) : null;
  const records = Object.values(run.steps);
  const [trigger, steps] = await Promise.all([
    read(run.trigger),
    Promise.all(records.map((record) => presentStep(record, read))),
  ]);
  return { ...presentRun(run), trigger, steps };
}

async function presentStep(
  record: StepRecord,
  read: (payload: Payload | undefined) => Promise<unknown>,
): Promise<Record<string, unknown>> {
  const [input, output] = await Promise.all([read(record.input), read(record.output)]);
  return {
    index: record.index,
    path: record.path,
    id: record.id,
    type: record.type,
    status: record.status,
    attempts: record.attempts,
    started_at: record.startedAt,
    finished_at: record.finishedAt,
    duration_ms: duration(record.startedAt, record.finishedAt),
    input,
    output,
    error: record.error ?? null,
  };
}

function duration(start: string | undefined, end: string | undefined): number | null {
  return start !== undefined && end !== undefined ? Date.parse(end) - Date.parse(start) : null;
}
