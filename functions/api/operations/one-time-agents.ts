import { CreateAgent } from '#core/agents/agent';
import { createAgent } from '#core/agents/agents';
import { definitionOf, listOneTimeAgents, OneTimeAgent } from '#core/agents/one-time-agent';
import { AgentPage, AgentView } from '#core/api/agent';
import { decodeCursor, encodeCursor, PageQuery } from '#core/cursor';
import { parseRequest } from '#core/field-path';
import { agentViewer } from '#functions/api/agent-viewer';
import type { ApiDeps } from '#functions/api/deps';
import {
  defineOperation,
  MAX_DEFINITION_BODY_BYTES,
  type Operation,
  reply,
} from '#functions/api/operation';

/** The older API of things that are done once, kept for its callers. */
export function oneTimeAgentOperations(deps: ApiDeps): Operation[] {
  const viewer = agentViewer(deps);
  return [
    defineOperation({
      id: 'createAutomation',
      tag: 'Agents',
      method: 'POST',
      path: '/api/agents/run/automation',
      summary: 'Do something once, at a time',
      description:
        'The older API: it makes an agent with a `run_at` schedule, which is then like any other.',
      body: OneTimeAgent,
      maxBodyBytes: MAX_DEFINITION_BODY_BYTES,
      answers: {
        201: {
          description: 'The new agent.',
          schema: AgentView,
          headers: { Location: 'Where the agent is read.' },
        },
      },
      errors: ['beyond_plan'],
      async handle({ caller, body }) {
        const definition = parseRequest(CreateAgent, definitionOf(body));
        const { agent } = await createAgent(caller.userId, definition, deps);
        const headers = { location: `/api/agents/${agent.id}` };
        return reply(201, await viewer.view(agent), headers);
      },
    }),
    defineOperation({
      id: 'listAutomations',
      tag: 'Agents',
      method: 'GET',
      path: '/api/agents/run/automation-list',
      summary: 'List the agents that run once, newest first',
      description: 'The older API. A page may be short; go on while next_cursor is not null.',
      query: PageQuery,
      answers: { 200: { description: 'A page of agents.', schema: AgentPage } },
      async handle({ caller, query }) {
        const list = `automations ${caller.userId}`;
        const after = decodeCursor(list, query.cursor);
        const { limit } = query;
        const page = await listOneTimeAgents(caller.userId, { limit, after }, deps.agents);
        const items = await Promise.all(page.items.map((agent) => viewer.view(agent)));
        return reply(200, { items, next_cursor: encodeCursor(list, page.next) });
      },
    }),
  ];
}
