import { getAgent } from '#core/agents/agents';
import { restoreVersion } from '#core/agents/versions';
import { AgentView, VersionPage } from '#core/api/agent';
import { decodeCursor, encodeCursor, PageQuery } from '#core/cursor';
import { agentViewer } from '#functions/api/agent-viewer';
import type { ApiDeps } from '#functions/api/deps';
import { defineOperation, type Operation, reply } from '#functions/api/operation';
import { presentVersion } from '#functions/api/present';

/** The history of an agent's definition. */
export function versionOperations(deps: ApiDeps): Operation[] {
  return [
    defineOperation({
      id: 'listAgentVersions',
      tag: 'Agents',
      method: 'GET',
      path: '/api/agents/{id}/versions',
      summary: "List the versions of an agent's definition, newest first",
      description: 'A run says in agent_version which one it executes.',
      query: PageQuery,
      answers: { 200: { description: 'A page of versions.', schema: VersionPage } },
      async handle({ caller, params, query }) {
        const { userId } = caller;
        const agent = await getAgent(userId, params['id'] ?? '', deps);
        const list = `versions ${userId} ${agent.id}`;
        const page = await deps.agents.versions(userId, agent.id, {
          limit: query.limit,
          after: decodeCursor(list, query.cursor),
        });
        const items = page.items.map(presentVersion);
        return reply(200, { items, next_cursor: encodeCursor(list, page.next) });
      },
    }),
    defineOperation({
      id: 'restoreAgentVersion',
      tag: 'Agents',
      method: 'POST',
      path: '/api/agents/{id}/versions/{n}/restore',
      summary: 'Make an earlier version the current one',
      description:
        'Makes a new version with the definition of the earlier one. The webhook secret stays as it is now; an agent that has none gets a new one, shown whole in this answer. An agent stays switched on or off.',
      answers: {
        200: {
          description: 'The agent as it is now.',
          schema: AgentView,
          headers: { ETag: "The agent's version, for If-Match." },
        },
      },
      errors: ['conflict', 'beyond_plan'],
      async handle({ caller, params }) {
        const { id = '', n = '' } = params;
        return agentViewer(deps).answer(await restoreVersion(caller.userId, id, n, deps));
      },
    }),
  ];
}
