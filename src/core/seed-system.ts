import { type Agent, CreateAgent, type StoredTrigger } from '#core/agents/agent';
import { checkActions, type DefinitionRules } from '#core/agents/agent-definition';
import type { AgentStore } from '#core/agents/agent-store';
import { keepTrigger, type TriggerDeps } from '#core/agents/agent-trigger';
import { setAccount, type UsageDeps } from '#core/limits/usage';
import type { Log } from '#core/ports';
import { mostCredits } from '#core/runs/run-cost';
import type { ScheduleStore } from '#core/schedules/schedule-store';
import { scheduleFor } from '#core/schedules/timetable';
import { sortedJson } from '#core/sorted-json';
import { SYSTEM_USER, type SystemAutomation, systemAgentId } from '#core/system';

/** What seeding works with. */
export type SeedDeps = DefinitionRules &
  UsageDeps &
  Omit<TriggerDeps, 'secrets'> & {
    readonly agents: Pick<AgentStore, 'find' | 'create' | 'replace'>;
    readonly schedules: Pick<ScheduleStore, 'find'>;
    readonly log: Log;
  };

/** The automations here prove their callers by a plain secret, of which only a digest is kept. */
const NO_SECRETS: TriggerDeps['secrets'] = {
  seal: () => Promise.reject(new Error('the automations of the product keep no secrets')),
  open: () => Promise.reject(new Error('the automations of the product keep no secrets')),
};

/**
 * Makes the product's own automations, or changes them to what they are now. Whether one is switched on
 * is left as operators set it, and so is a webhook's secret. The fast path of schedules is left to the sweeper.
 */
export async function seedSystem(
  automations: readonly SystemAutomation[],
  deps: SeedDeps,
): Promise<{ readonly made: number; readonly changed: number }> {
  await setAccount(SYSTEM_USER, { plan: 'pro' }, false, deps);
  let [made, changed] = [0, 0];
  for (const automation of automations) {
    const agentId = systemAgentId(automation.slug);
    const current = await deps.agents.find(SYSTEM_USER, agentId);
    const agent = await seeded(automation, agentId, current, deps);
    if (agent === current) continue;
    const before = current && (await deps.schedules.find(SYSTEM_USER, agentId));
    const schedule = scheduleFor(agent, before, deps.clock.now());
    if (current === undefined) {
      await deps.agents.create(agent, schedule);
      made += 1;
    } else if (await deps.agents.replace(agent, current.revision, schedule)) {
      changed += 1;
    } else {
      deps.log.warn('automation not changed, somebody else does', { agentId });
    }
  }
  return { made, changed };
}

/** The agent as it shall be; `current` itself when that is what it is. */
async function seeded(
  automation: SystemAutomation,
  id: string,
  current: Agent | undefined,
  deps: SeedDeps,
): Promise<Agent> {
  const now = new Date(deps.clock.now()).toISOString();
  const { name, description, trigger_config, actions, settings } = CreateAgent.parse(
    automation.agent,
  );
  const owner = { userId: SYSTEM_USER, agentId: id };
  const { trigger } = await keepTrigger(trigger_config, current?.trigger, owner, {
    ...deps,
    secrets: NO_SECRETS,
  });
  const steps = checkActions(actions, deps);
  const wanted = { name, description, trigger, actions: steps, settings };
  if (current && isSame(wanted, current)) return current;
  return {
    ...wanted,
    id,
    userId: SYSTEM_USER,
    enabled: current?.enabled ?? true,
    mostCredits: mostCredits(steps, deps.catalog),
    version: (current?.version ?? 0) + 1,
    revision: (current?.revision ?? 0) + 1,
    createdAt: now,
    agentCreatedAt: current?.agentCreatedAt ?? now,
    updatedAt: now,
  };
}

type Definition = Pick<Agent, 'name' | 'description' | 'actions' | 'settings'> & {
  readonly trigger: StoredTrigger;
};

function isSame(wanted: Definition, current: Agent): boolean {
  const { name, description, trigger, actions, settings } = current;
  const there = { name, description, trigger, actions, settings };
  const keys = Object.keys(there) as (keyof Definition)[];
  return keys.every((key) => sortedJson(wanted[key]) === sortedJson(there[key]));
}
