import { fromTemplate } from '#core/agents/agent-template';
import { createAgent } from '#core/agents/agents';
import { AgentView } from '#core/api/agent';
import {
  FromTemplate,
  presentTemplate,
  summarize,
  TemplateList,
  TemplateView,
} from '#core/api/template';
import { invalidRequest, notFound } from '#core/errors';
import { agentViewer } from '#functions/api/agent-viewer';
import type { ApiDeps } from '#functions/api/deps';
import {
  defineOperation,
  MAX_DEFINITION_BODY_BYTES,
  type Operation,
  reply,
} from '#functions/api/operation';

/** Few callers want them, and only when they look for something new: loaded when one does. */
const load = () => import('#templates/registry');

/** Templates: what people start from. */
export function templateOperations(deps: ApiDeps): Operation[] {
  const viewer = agentViewer(deps);
  return [
    defineOperation({
      id: 'listTemplates',
      tag: 'Templates',
      method: 'GET',
      path: '/api/agents/templates',
      isPublic: true,
      summary: 'List the templates',
      answers: { 200: { description: 'Every template.', schema: TemplateList } },
      async handle() {
        const { agentTemplates } = await load();
        return reply(200, { items: agentTemplates.map(summarize), next_cursor: null });
      },
    }),
    defineOperation({
      id: 'getTemplate',
      tag: 'Templates',
      method: 'GET',
      path: '/api/agents/templates/{slug}',
      isPublic: true,
      summary: 'Read a template, with its parameters and the agent that it gives',
      answers: { 200: { description: 'The template.', schema: TemplateView } },
      async handle({ params }) {
        const template = (await load()).findTemplate(params['slug'] ?? '');
        if (template === undefined) throw notFound('template');
        return reply(200, presentTemplate(template));
      },
    }),
    defineOperation({
      id: 'createFromTemplate',
      tag: 'Templates',
      method: 'POST',
      path: '/api/agents/from-template',
      summary: 'Create an agent from a template',
      description:
        'What is created is an agent like any other, yours to change. A webhook secret that the server makes is shown whole in this answer and never again.',
      body: FromTemplate,
      maxBodyBytes: MAX_DEFINITION_BODY_BYTES,
      answers: {
        201: {
          description: 'The new agent.',
          schema: AgentView,
          headers: {
            ETag: "The agent's version, for If-Match.",
            Location: 'Where the agent is read.',
          },
        },
      },
      errors: ['beyond_plan'],
      async handle({ caller, body }) {
        const { agentTemplates, findTemplate } = await load();
        const template = findTemplate(body.template_slug);
        if (template === undefined) {
          const known = agentTemplates.map(({ slug }) => slug).join(', ');
          const message = `There is no template "${body.template_slug}". There are: ${known}.`;
          throw invalidRequest([{ path: 'template_slug', message }]);
        }
        const definition = fromTemplate(template, body.overrides);
        const { agent, secret } = await createAgent(caller.userId, definition, deps);
        const headers = { location: `/api/agents/${agent.id}`, etag: `"${agent.version}"` };
        return reply(201, await viewer.view(agent, secret), headers);
      },
    }),
  ];
}
