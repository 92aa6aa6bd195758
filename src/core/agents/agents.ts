import type { ActionStep, Agent, CreateAgent, PatchAgent } from '#core/agents/agent';
import { checkActions, type DefinitionRules } from '#core/agents/agent-definition';
import type { AgentStore } from '#core/agents/agent-store';
import {
  checkTrigger,
  type KeptTrigger,
  keepTrigger,
  rotateSecret,
  type TriggerDeps,
} from '#core/agents/agent-trigger';
import type { ChosenConnection } from '#core/connections/connection-field';
import { SLACK_KINDS } from '#core/connections/kinds';
import {
  checkConnection,
  checkConnections,
  type ReferenceDeps,
} from '#core/connections/references';
import { checkTogether, invalidRequest, notFound, RequestError } from '#core/errors';
import { isId, newId } from '#core/ids';
import { checkPlan } from '#core/limits/plan-rules';
import { currentAccount } from '#core/limits/usage';
import { mostCredits } from '#core/runs/run-cost';
import { applySchedule } from '#core/schedules/schedule-changes';
import { type ScheduleSweepDeps, startPassed } from '#core/schedules/sweep-schedule';
import { retired, type StoredSchedule, scheduleFor } from '#core/schedules/timetable';

/** What managing agents works with. */
export type AgentDeps = DefinitionRules &
  TriggerDeps &
  ScheduleSweepDeps &
  ReferenceDeps & { readonly agents: AgentStore };

/** What switching an agent on or off works with. */
export type SwitchDeps = ScheduleSweepDeps & {
  readonly agents: Pick<AgentStore, 'find' | 'replace'>;
};

/** An agent, with the webhook secret while it may still be shown. */
export type ChangedAgent = { readonly agent: Agent; readonly secret: string | undefined };

/** Two changes at once are merged by trying again this often. */
const REPLACE_TRIES = 5;

/** Creates an agent. @throws RequestError `invalid_request`, `beyond_plan` */
export async function createAgent(
  userId: string,
  body: CreateAgent,
  deps: AgentDeps,
): Promise<ChangedAgent> {
  const now = deps.clock.now();
  const at = new Date(now).toISOString();
  const id = newId('agt', now, deps.randomBytes);
  const [, actions] = checkTogether(
    () => checkTrigger(body.trigger_config, undefined, deps.clock),
    () => checkActions(body.actions, deps),
  );
  await checkConnections(userId, actions, 'actions', deps);
  await checkAlert(userId, body.settings, deps);
  const kept = await keepTrigger(body.trigger_config, undefined, { userId, agentId: id }, deps);
  const agent: Agent = {
    id,
    userId,
    name: body.name,
    description: body.description,
    enabled: body.enabled,
    trigger: kept.trigger,
    actions,
    settings: body.settings,
    mostCredits: mostCredits(actions, deps.catalog),
    version: 1,
    revision: 1,
    createdAt: at,
    agentCreatedAt: at,
    updatedAt: at,
  };
  await checkPlanOf(agent, deps);
  const schedule = scheduleFor(agent, undefined, now);
  await deps.agents.create(agent, schedule);
  await applyIfChanged(schedule, deps);
  return { agent, secret: kept.secret };
}

/** One agent of this user. @throws RequestError `not_found` */
export async function getAgent(
  userId: string,
  id: string,
  deps: { readonly agents: Pick<AgentStore, 'find'> },
): Promise<Agent> {
  const agent = isId('agt', id) ? await deps.agents.find(userId, id) : undefined;
  if (agent === undefined) throw notFound('agent');
  return agent;
}

/**
 * Replaces the given top-level fields. Only a change of the definition makes a new version;
 * switching an agent on or off does not.
 *
 * @param ifVersion the version that the caller saw; without it the last write wins
 * @throws RequestError `not_found`, `invalid_request`, `beyond_plan`, `precondition_failed`,
 *   `conflict`
 */
export async function patchAgent(
  userId: string,
  id: string,
  body: PatchAgent,
  ifVersion: number | undefined,
  deps: AgentDeps,
): Promise<ChangedAgent> {
  if (body.actions) await checkConnections(userId, body.actions, 'actions', deps);
  if (body.settings) await checkAlert(userId, body.settings, deps);
  return changeAgent(userId, id, deps, async (current) => {
    if (ifVersion !== undefined && ifVersion !== current.version) {
      throw new RequestError(
        'precondition_failed',
        `The agent is at version ${current.version} now, not ${ifVersion}. Read it again and repeat the change.`,
      );
    }
    const { trigger_config: config, actions: sent } = body;
    const [, actions] = checkTogether(
      () => config && checkTrigger(config, current.trigger, deps.clock),
      () => sent && checkActions(sent, deps),
    );
    const kept = config
      ? await keepTrigger(config, current.trigger, { userId, agentId: id }, deps)
      : { trigger: current.trigger, secret: undefined };
    return merge(current, { ...body, actions }, kept, deps);
  });
}

/** Lets an agent's trigger start runs, or not. @throws RequestError `not_found`, `conflict` */
export async function switchAgent(
  userId: string,
  id: string,
  enabled: boolean,
  deps: SwitchDeps,
): Promise<void> {
  await changeAgent(userId, id, deps, async (current) => {
    const updatedAt = new Date(deps.clock.now()).toISOString();
    const agent = { ...current, enabled, revision: current.revision + 1, updatedAt };
    return { agent, secret: undefined };
  });
}

/** Gives a webhook a new secret. @throws RequestError `not_found`, `invalid_request`, `conflict` */
export async function rotateAgentSecret(
  userId: string,
  id: string,
  revokeOld: boolean,
  deps: AgentDeps,
): Promise<ChangedAgent> {
  return changeAgent(userId, id, deps, async (current) => {
    if (current.trigger.type !== 'webhook') {
      throw invalidRequest([{ path: '', message: 'Only an agent with a webhook has a secret.' }]);
    }
    const owner = { userId, agentId: id };
    const kept = await rotateSecret(current.trigger, revokeOld, owner, deps);
    return merge(current, {}, kept, deps);
  });
}

/**
 * The agent's schedule, after times that came while it was enabled have been started: a change must
 * not make them forgotten.
 */
async function currentSchedule(
  agent: Agent,
  deps: ScheduleSweepDeps,
): Promise<StoredSchedule | undefined> {
  const schedule = await deps.schedules.find(agent.userId, agent.id);
  const hasPassed = schedule?.nextAt !== undefined && schedule.nextAt <= deps.clock.now();
  if (schedule === undefined || !hasPassed) return schedule;
  await startPassed(schedule, deps);
  return deps.schedules.find(agent.userId, agent.id);
}

/**
 * Changes an agent and its schedule in one write, again if somebody else changed it meanwhile, and
 * then tells the fast path of schedules.
 */
async function changeAgent(
  userId: string,
  id: string,
  deps: SwitchDeps,
  change: (current: Agent) => Promise<ChangedAgent>,
): Promise<ChangedAgent> {
  for (let attempt = 0; attempt < REPLACE_TRIES; attempt += 1) {
    const current = await getAgent(userId, id, deps);
    const changed = await change(current);
    const { trigger, settings } = changed.agent;
    if (trigger !== current.trigger || settings !== current.settings) {
      await checkPlanOf(changed.agent, deps);
    }
    const before = await currentSchedule(current, deps);
    const schedule = scheduleFor(changed.agent, before, deps.clock.now());
    if (await deps.agents.replace(changed.agent, current.revision, schedule)) {
      await applyIfChanged(schedule, deps);
      return changed;
    }
  }
  throw changedAtOnce();
}

/** The connection that alerts go to must be the owner's, and one that can post them to Slack. */
async function checkAlert(
  userId: string,
  { alert }: Agent['settings'],
  deps: ReferenceDeps,
): Promise<void> {
  const { slack_connection_id: id, slack_channel: channel } = alert;
  if (id === null) return;
  const reference = {
    path: 'settings.alert.slack_connection_id',
    id,
    kinds: SLACK_KINDS,
    check({ kind }: ChosenConnection) {
      if (channel !== null || kind !== 'slack_bot') return undefined;
      const message = 'A bot needs a channel to post to: give its id, or #name.';
      return { path: 'settings.alert.slack_channel', message };
    },
  };
  await checkConnection(userId, reference, deps);
}

async function checkPlanOf(agent: Agent, deps: SwitchDeps): Promise<void> {
  const { plan } = await currentAccount(agent.userId, deps);
  checkPlan(agent, plan);
}

function changedAtOnce(): RequestError {
  return new RequestError(
    'conflict',
    'The agent is being changed by several callers at once. Try again.',
  );
}

/** Deletes an agent; deleting it again is fine. @throws RequestError `not_found`, `conflict` */
export async function deleteAgent(userId: string, id: string, deps: AgentDeps): Promise<void> {
  for (let attempt = 0; attempt < REPLACE_TRIES; attempt += 1) {
    const agent = isId('agt', id) ? await deps.agents.find(userId, id) : undefined;
    if (agent === undefined) {
      if (isId('agt', id) && (await deps.agents.wasRemoved(userId, id))) return;
      throw notFound('agent');
    }
    const before = await deps.schedules.find(userId, id);
    const schedule = before && retired(before);
    if (await deps.agents.remove(agent, schedule)) {
      return applyIfChanged(schedule, deps);
    }
  }
  throw changedAtOnce();
}

/** The change is durable by now: what cannot be applied at once is left to the sweeper. */
async function applyIfChanged(
  schedule: StoredSchedule | undefined,
  deps: ScheduleSweepDeps,
): Promise<void> {
  if (schedule === undefined || schedule.isApplied) return;
  try {
    await applySchedule(schedule, deps);
  } catch (error) {
    deps.log.warn('schedule not applied, left to the sweeper', {
      agentId: schedule.agentId,
      error,
    });
  }
}

/** What a patch changes, its actions checked. */
type Patch = Omit<PatchAgent, 'actions'> & { readonly actions?: readonly ActionStep[] | undefined };

function merge(current: Agent, body: Patch, kept: KeptTrigger, deps: AgentDeps): ChangedAgent {
  const at = new Date(deps.clock.now()).toISOString();
  const { enabled, ...definition } = body;
  const redefined = Object.values(definition).some((value) => value !== undefined);
  const { actions = current.actions } = body;
  const agent: Agent = {
    ...current,
    name: body.name ?? current.name,
    description: body.description ?? current.description,
    enabled: enabled ?? current.enabled,
    trigger: kept.trigger,
    actions,
    settings: body.settings ?? current.settings,
    mostCredits: mostCredits(actions, deps.catalog),
    version: redefined ? current.version + 1 : current.version,
    revision: current.revision + 1,
    createdAt: redefined ? at : current.createdAt,
    updatedAt: at,
  };
  return { agent, secret: kept.secret };
}
