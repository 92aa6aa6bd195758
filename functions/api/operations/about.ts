import * as z from 'zod';
import type { ActionCatalog } from '#core/action';
import type { BuiltInAgent } from '#core/agents/built-in-agent';
import { CatalogView, HealthView } from '#core/api/catalog';
import { Condition } from '#core/conditions/conditions';
import { checkHealth, type HealthProbes, HealthQuery } from '#core/health';
import type { PauseStore } from '#core/pause';
import { type ControlStep, controlSteps } from '#core/steps/control-steps';
import { defineOperation, type Operation, reply } from '#functions/api/operation';
import packageJson from '../../../package.json' with { type: 'json' };

const { version } = packageJson;

/** What can be asked without an agent: the product's health, its action types, its documents. */
export function aboutOperations(
  deps: {
    readonly catalog: ActionCatalog;
    readonly builtInAgents: readonly BuiltInAgent[];
    readonly probes: HealthProbes;
    readonly pause: Pick<PauseStore, 'find'>;
    readonly publicUrl: string;
  },
  /** All operations, these included; asked for when a document is wanted. */
  all: () => readonly Operation[],
): Operation[] {
  // Few callers want it, so what makes it is loaded when one does, and it is made once.
  let made: Promise<{ document: Record<string, unknown>; page: Page }> | undefined;
  const documents = () => {
    made ??= makeDocuments(all(), deps.publicUrl);
    return made;
  };

  return [
    defineOperation({
      id: 'getHealth',
      tag: 'About',
      method: 'GET',
      path: '/api/health',
      isPublic: true,
      summary: 'Whether the API answers',
      description: 'With deep=1 the table and the run queue are asked, too.',
      query: HealthQuery,
      answers: { 200: { description: 'All is well.', schema: HealthView } },
      async handle({ query }) {
        const body = { status: 'ok', version } as const;
        if (!query.deep) return reply(200, body);
        const checks = await checkHealth(deps.probes);
        const isPaused = (await deps.pause.find())?.paused === true;
        return reply(200, { ...body, checks, dispatch: isPaused ? 'paused' : 'running' });
      },
    }),
    defineOperation({
      id: 'getCatalog',
      tag: 'About',
      method: 'GET',
      path: '/api/agents/catalog',
      summary: 'List the types of steps and the built-in agents, with their schemas',
      description:
        'Actions first, then the steps that control a run: approval, delay, branch, for_each.',
      answers: {
        200: { description: 'The types of steps, and the built-in agents.', schema: CatalogView },
      },
      handle: async () => reply(200, catalogView(deps.catalog, deps.builtInAgents)),
    }),
    defineOperation({
      id: 'getOpenApi',
      tag: 'About',
      method: 'GET',
      path: '/api/openapi.json',
      isPublic: true,
      summary: 'This document, for programs',
      answers: {
        200: {
          description: 'An OpenAPI 3.1 document.',
          schema: z.record(z.string(), z.unknown()),
        },
      },
      handle: async () => reply(200, (await documents()).document),
    }),
    defineOperation({
      id: 'getDocs',
      tag: 'About',
      method: 'GET',
      path: '/docs/api',
      isPublic: true,
      summary: 'This document, for people',
      answers: {
        200: { description: 'A page.', schema: z.string(), contentType: 'text/html' },
      },
      async handle() {
        const { html, contentSecurityPolicy } = (await documents()).page;
        return reply(200, html, { 'content-security-policy': contentSecurityPolicy });
      },
    }),
  ];
}

type Page = { readonly html: string; readonly contentSecurityPolicy: string };

async function makeDocuments(operations: readonly Operation[], url: string) {
  const { openApiDocument } = await import('#functions/api/openapi/document');
  const { renderPage } = await import('#functions/api/openapi/page');
  const document = openApiDocument(operations, { url, version });
  return { document, page: renderPage(document) };
}

function catalogView({ actions }: ActionCatalog, agents: readonly BuiltInAgent[]) {
  return {
    actions: [
      ...actions.map((action) => describe('action', action.credits, action)),
      ...controlSteps.map((control) => describe('control', 0, control)),
    ],
    agents: agents.map(describeAgent),
    condition_schema: jsonSchema(Condition),
  };
}

function describeAgent(agent: BuiltInAgent) {
  const { name, title, description, credits, idempotency, input, mainField, output } = agent;
  return {
    name,
    title,
    description,
    credits,
    idempotency,
    input_schema: jsonSchema(input),
    main_field: mainField,
    output_schema: jsonSchema(output),
    example: { ...agent.example },
  };
}

function describe(
  kind: 'action' | 'control',
  credits: number,
  {
    type,
    title,
    description,
    idempotency,
    config,
    output,
  }: ActionCatalog['actions'][number] | ControlStep,
) {
  return {
    type,
    kind,
    title,
    description,
    credits,
    idempotency,
    config_schema: jsonSchema(config),
    output_schema: jsonSchema(output),
  };
}

function jsonSchema(schema: z.ZodType) {
  return z.toJSONSchema(schema, { io: 'input' }) as Record<string, unknown>;
}
