import * as z from 'zod';
import { type Agent, CreateAgent, PatchAgent } from '#core/agent';
import { createAgent, deleteAgent, getAgent, patchAgent } from '#core/agents';
import { decodeCursor, encodeCursor, PageQuery } from '#core/cursor';
import { invalidRequest, RequestError } from '#core/errors';
import { openRun } from '#core/open-run';
import { idempotency } from '#core/webhook-trigger';
import type { ApiDeps } from '#functions/api/deps';
import { type Answer, defineOperation, type Operation } from '#functions/api/operation';
import { presentAgent } from '#functions/api/present';

const NoQuery = z.strictObject({});

/** Agents: create, read, change, delete, switch, run. */
export function agentOperations(deps: ApiDeps): Operation[] {
  const lastRun = async (agent: Agent) => {
    const scope = { userId: agent.userId, agentId: agent.id };
    const newest = await deps.runs.list(scope, { limit: 1, after: undefined });
    return newest.items[0];
  };
  const show = async (status: number, agent: Agent, secret?: string): Promise<Answer> => ({
    status,
    body: presentAgent(agent, await lastRun(agent), deps.publicUrl, secret),
    headers: { etag: `"${agent.version}"` },
  });
  const switchTo = (enabled: boolean) =>
    defineOperation({
      method: 'POST',
      path: `/api/agents/{id}/${enabled ? 'enable' : 'disable'}`,
      summary: enabled
        ? "Let an agent's trigger start runs"
        : "Stop an agent's trigger from starting runs",
      query: NoQuery,
      async handle({ caller, params }) {
        const changed = await patchAgent(
          caller.userId,
          params['id'] ?? '',
          { enabled },
          undefined,
          deps,
        );
        return show(200, changed.agent);
      },
    });

  return [
    defineOperation({
      method: 'POST',
      path: '/api/agents',
      summary: 'Create an agent',
      query: NoQuery,
      body: CreateAgent,
      async handle({ caller, body }) {
        const { agent, secret } = await createAgent(caller.userId, body, deps);
        return {
          status: 201,
          body: presentAgent(agent, undefined, deps.publicUrl, secret),
          headers: { location: `/api/agents/${agent.id}`, etag: `"${agent.version}"` },
        };
      },
    }),
    defineOperation({
      method: 'GET',
      path: '/api/agents',
      summary: 'List agents, newest first',
      query: PageQuery,
      async handle({ caller, query }) {
        const list = `agents ${caller.userId}`;
        const page = await deps.agents.list(caller.userId, {
          limit: query.limit,
          after: decodeCursor(list, query.cursor),
        });
        const items = page.items.map(async (agent) =>
          presentAgent(agent, await lastRun(agent), deps.publicUrl),
        );
        return {
          status: 200,
          body: { items: await Promise.all(items), next_cursor: encodeCursor(list, page.next) },
        };
      },
    }),
    defineOperation({
      method: 'GET',
      path: '/api/agents/{id}',
      summary: 'Read an agent',
      query: NoQuery,
      async handle({ caller, params }) {
        return show(200, await getAgent(caller.userId, params['id'] ?? '', deps));
      },
    }),
    defineOperation({
      method: 'PATCH',
      path: '/api/agents/{id}',
      summary: 'Change an agent, field by field',
      query: NoQuery,
      body: PatchAgent,
      async handle({ caller, params, body, headers }) {
        const ifVersion = versionOf(headers['if-match']);
        const changed = await patchAgent(caller.userId, params['id'] ?? '', body, ifVersion, deps);
        return show(200, changed.agent, changed.secret);
      },
    }),
    defineOperation({
      method: 'DELETE',
      path: '/api/agents/{id}',
      summary: 'Delete an agent; its history stays until it expires',
      query: NoQuery,
      async handle({ caller, params }) {
        await deleteAgent(caller.userId, params['id'] ?? '', deps);
        return { status: 204 };
      },
    }),
    switchTo(true),
    switchTo(false),
    defineOperation({
      method: 'POST',
      path: '/api/agents/{id}/run',
      summary: 'Run an agent now; the body becomes trigger.body',
      query: NoQuery,
      body: z.unknown(),
      async handle({ caller, params, body, headers }) {
        const agent = await getAgent(caller.userId, params['id'] ?? '', deps);
        return {
          status: 202,
          body: { run_id: await runNow(agent, body, headers['idempotency-key'], deps) },
        };
      },
    }),
  ];
}

async function runNow(
  agent: Agent,
  body: unknown,
  key: string | undefined,
  deps: ApiDeps,
): Promise<string> {
  if (!agent.enabled) {
    throw new RequestError('conflict', 'This agent is disabled. Enable it to run it.');
  }
  const opened = await openRun(
    {
      userId: agent.userId,
      agentId: agent.id,
      agentVersion: agent.version,
      retentionDays: agent.settings.log_retention_days,
      triggeredBy: 'manual',
      trigger: {
        body: body ?? null,
        headers: {},
        query: {},
        received_at: new Date(deps.clock.now()).toISOString(),
      },
      ...(key !== undefined && {
        idempotency: idempotency(key, agent.settings.dedupe_window_seconds),
      }),
    },
    deps,
  );
  return opened.runId;
}

/** `If-Match` holds the agent's version, with or without the quotes of an entity tag. */
function versionOf(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch === '*') return undefined;
  const version = /^(?:W\/)?"?(\d{1,9})"?$/.exec(ifMatch)?.[1];
  if (version !== undefined) return Number(version);
  throw invalidRequest([{ path: 'If-Match', message: "Send the agent's version, for example 3." }]);
}
