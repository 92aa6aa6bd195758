import type { Agent } from '#core/agents/agent';
import type { ChangedAgent } from '#core/agents/agents';
import { type AgentView, COUNTED_RUNS } from '#core/api/agent';
import type { ApiDeps } from '#functions/api/deps';
import { reply } from '#functions/api/operation';
import { presentAgent } from '#functions/api/present';

/** Shows agents with what is kept beside them: their last run and their schedule. */
export function agentViewer(deps: Pick<ApiDeps, 'runs' | 'schedules' | 'publicUrl'>) {
  const { publicUrl } = deps;

  async function view(agent: Agent, secret?: string): Promise<AgentView> {
    const { userId, id } = agent;
    const isScheduled = agent.trigger.type === 'schedule';
    const [newest, schedule] = await Promise.all([
      deps.runs.newest(userId, id, COUNTED_RUNS),
      isScheduled ? deps.schedules.find(userId, id) : undefined,
    ]);
    return presentAgent(agent, { newest, schedule, publicUrl, secret });
  }

  return {
    view,
    /** The answer of every operation that gives one agent. */
    async answer({ agent, secret }: ChangedAgent) {
      return reply(200, await view(agent, secret), { etag: `"${agent.version}"` });
    },
  };
}
