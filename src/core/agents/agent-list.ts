import * as z from 'zod';
import type { Agent } from '#core/agents/agent';
import type { AgentStore } from '#core/agents/agent-store';
import { PageQuery } from '#core/cursor';
import { filteredPage } from '#core/filtered-page';
import type { Slice } from '#core/ports';

/** What a list of agents can be asked for. */
export const AgentQuery = PageQuery.extend({
  enabled: z
    .enum(['true', 'false'])
    .optional()
    .describe('Only agents that are switched on, or off.'),
  owner: z
    .enum(['me', 'system'])
    .default('me')
    .describe("Whose: yours, or the product's own automations, which only an admin sees."),
  q: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .describe('Only agents with this text in their name or description, in any case.'),
});
export type AgentQuery = z.infer<typeof AgentQuery>;

/**
 * A page of a user's agents, newest first. A filter is applied to what was read, so a page may be
 * short and yet have a next one.
 *
 * @param after the id of the last agent of the previous page
 */
export async function listAgents(
  userId: string,
  query: Pick<AgentQuery, 'enabled' | 'q' | 'limit'>,
  after: string | undefined,
  agents: Pick<AgentStore, 'list'>,
): Promise<Slice<Agent>> {
  const { limit } = query;
  if (query.enabled === undefined && query.q === undefined) {
    return agents.list(userId, { limit, after });
  }
  return filteredPage(
    { limit, after },
    {
      read: (page) => agents.list(userId, page),
      matches: matcher(query),
      positionOf: (agent) => agent.id,
    },
  );
}

function matcher({ enabled, q }: Pick<AgentQuery, 'enabled' | 'q'>): (agent: Agent) => boolean {
  const wanted = q?.toLocaleLowerCase('en');
  return (agent) => {
    if (enabled !== undefined && String(agent.enabled) !== enabled) return false;
    if (wanted === undefined) return true;
    return `${agent.name}\n${agent.description}`.toLocaleLowerCase('en').includes(wanted);
  };
}
