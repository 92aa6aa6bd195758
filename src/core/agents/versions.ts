import type { AgentVersion, StoredTrigger, TriggerConfig } from '#core/agents/agent';
import { type AgentDeps, type ChangedAgent, getAgent, patchAgent } from '#core/agents/agents';
import { notFound } from '#core/errors';

/**
 * Makes a new version with the definition that an earlier one had. Webhook secrets are not part of
 * that: the current ones stay, because one that was replaced must not come back.
 *
 * @param number the earlier version, as it stands in the path
 * @throws RequestError `not_found`; `invalid_request` when today's rules refuse the definition
 */
export async function restoreVersion(
  userId: string,
  agentId: string,
  number: string,
  deps: AgentDeps,
): Promise<ChangedAgent> {
  const agent = await getAgent(userId, agentId, deps);
  const version = await findVersion(userId, agent.id, number, deps);
  const { name, description, actions, settings } = version;
  const body = {
    name,
    description,
    actions: [...actions],
    settings,
    trigger_config: configOf(version.trigger),
  };
  return patchAgent(userId, agent.id, body, undefined, deps);
}

async function findVersion(
  userId: string,
  agentId: string,
  number: string,
  deps: Pick<AgentDeps, 'agents'>,
): Promise<AgentVersion> {
  const version = /^[1-9]\d{0,8}$/.test(number)
    ? await deps.agents.version(userId, agentId, Number(number))
    : undefined;
  if (version === undefined) throw notFound('version');
  return version;
}

/** The trigger as its owner would write it, without the secret. */
function configOf(trigger: StoredTrigger): TriggerConfig {
  if (trigger.type === 'manual') return { type: 'manual' };
  if (trigger.type === 'webhook') return { type: 'webhook', auth: trigger.auth };
  if (trigger.runAt !== undefined) return { type: 'schedule', run_at: trigger.runAt };
  const { cronExpression, timezone } = trigger;
  return { type: 'schedule', cron_expression: cronExpression, timezone };
}
