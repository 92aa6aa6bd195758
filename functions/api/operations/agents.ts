import * as z from 'zod';
import { type Agent, CreateAgent, PatchAgent } from '#core/agents/agent';
import { AgentQuery, listAgents } from '#core/agents/agent-list';
import {
  createAgent,
  deleteAgent,
  getAgent,
  patchAgent,
  rotateAgentSecret,
} from '#core/agents/agents';
import { AgentPage, AgentView } from '#core/api/agent';
import { RunOpened } from '#core/api/run';
import type { AuditAction } from '#core/audit';
import { decodeCursor, encodeCursor } from '#core/cursor';
import { invalidRequest, RequestError } from '#core/errors';
import { depthOf } from '#core/runs/depth';
import { openRun } from '#core/runs/open-run';
import { idempotency } from '#core/runs/webhook-trigger';
import { SYSTEM_USER } from '#core/system';
import { agentViewer } from '#functions/api/agent-viewer';
import type { ApiDeps } from '#functions/api/deps';
import { noteAct } from '#functions/api/note-act';
import {
  defineOperation,
  MAX_DEFINITION_BODY_BYTES,
  type Operation,
  reply,
} from '#functions/api/operation';
import { ownerOf } from '#functions/api/owner';

const ETAG = { ETag: "The agent's version, for If-Match." };

const RotateSecret = z
  .strictObject({
    revoke_old: z
      .boolean()
      .default(false)
      .describe('Whether the old secret stops working at once instead of in 24 hours.'),
  })
  .prefault({});

/** Agents: create, read, change, delete, switch, run. */
export function agentOperations(deps: ApiDeps): Operation[] {
  const viewer = agentViewer(deps);
  const switchTo = (enabled: boolean) =>
    defineOperation({
      id: enabled ? 'enableAgent' : 'disableAgent',
      tag: 'Agents',
      method: 'POST',
      path: `/api/agents/{id}/${enabled ? 'enable' : 'disable'}`,
      summary: enabled
        ? "Let an agent's trigger start runs"
        : "Stop an agent's trigger from starting runs",
      description: 'Does not make a new version. Runs that are open go on.',
      answers: { 200: { description: 'The agent.', schema: AgentView, headers: ETAG } },
      errors: ['conflict'],
      async handle(call) {
        const { caller, params } = call;
        const body = { enabled };
        const owner = ownerOf(caller, params['id']);
        const changed = await patchAgent(owner, params['id'] ?? '', body, undefined, deps);
        const action = enabled ? 'agent.enabled' : 'agent.disabled';
        await noteAct(call, { action, account: owner, target: changed.agent.id }, deps);
        return viewer.answer(changed);
      },
    });

  return [
    defineOperation({
      id: 'createAgent',
      tag: 'Agents',
      method: 'POST',
      path: '/api/agents',
      summary: 'Create an agent',
      description:
        'A webhook secret that the server makes is shown whole in this answer and never again.',
      body: CreateAgent,
      maxBodyBytes: MAX_DEFINITION_BODY_BYTES,
      answers: {
        201: {
          description: 'The new agent.',
          schema: AgentView,
          headers: { ...ETAG, Location: 'Where the agent is read.' },
        },
      },
      errors: ['beyond_plan'],
      async handle({ caller, body }) {
        const { agent, secret } = await createAgent(caller.userId, body, deps);
        const headers = { location: `/api/agents/${agent.id}`, etag: `"${agent.version}"` };
        return reply(201, await viewer.view(agent, secret), headers);
      },
    }),
    defineOperation({
      id: 'listAgents',
      tag: 'Agents',
      method: 'GET',
      path: '/api/agents',
      summary: 'List agents, newest first',
      description: 'A page may be short; go on while next_cursor is not null.',
      query: AgentQuery,
      answers: { 200: { description: 'A page of agents.', schema: AgentPage } },
      errors: ['forbidden'],
      async handle({ caller, query }) {
        const { enabled = '', q = '' } = query;
        const { owner } = query;
        if (owner === 'system' && !caller.isAdmin) {
          throw new RequestError(
            'forbidden',
            'Only an admin may see the automations of the product.',
          );
        }
        const userId = owner === 'system' ? SYSTEM_USER : caller.userId;
        const list = `agents ${userId} ${enabled} ${q}`;
        const after = decodeCursor(list, query.cursor);
        const page = await listAgents(userId, query, after, deps.agents);
        const items = await Promise.all(page.items.map((agent) => viewer.view(agent)));
        return reply(200, { items, next_cursor: encodeCursor(list, page.next) });
      },
    }),
    defineOperation({
      id: 'getAgent',
      tag: 'Agents',
      method: 'GET',
      path: '/api/agents/{id}',
      summary: 'Read an agent',
      answers: { 200: { description: 'The agent.', schema: AgentView, headers: ETAG } },
      async handle({ caller, params }) {
        const agent = await getAgent(ownerOf(caller, params['id']), params['id'] ?? '', deps);
        return viewer.answer({ agent, secret: undefined });
      },
    }),
    defineOperation({
      id: 'updateAgent',
      tag: 'Agents',
      method: 'PATCH',
      path: '/api/agents/{id}',
      summary: 'Change an agent, field by field',
      description:
        'Each field that is given replaces the stored one whole. A change of anything but enabled makes a new version. A masked secret, sent back as it was read, changes nothing.',
      headers: {
        'If-Match': 'The version that you saw. With another one stored by now, nothing is changed.',
      },
      body: PatchAgent,
      maxBodyBytes: MAX_DEFINITION_BODY_BYTES,
      answers: {
        200: { description: 'The agent as it is now.', schema: AgentView, headers: ETAG },
      },
      errors: ['conflict', 'precondition_failed', 'beyond_plan'],
      async handle(call) {
        const { caller, params, body, headers } = call;
        const ifVersion = versionOf(headers['if-match']);
        const changed = await patchAgent(caller.userId, params['id'] ?? '', body, ifVersion, deps);
        const note = (action: AuditAction, details = {}) =>
          noteAct(call, { action, target: changed.agent.id, details }, deps);
        if (body.enabled !== undefined) {
          await note(body.enabled ? 'agent.enabled' : 'agent.disabled');
        }
        if (changed.secret !== undefined) {
          await note('webhook_secret.rotated', { revoke_old: true });
        }
        return viewer.answer(changed);
      },
    }),
    defineOperation({
      id: 'deleteAgent',
      tag: 'Agents',
      method: 'DELETE',
      path: '/api/agents/{id}',
      summary: 'Delete an agent; its history stays until it expires',
      description: 'Runs that are open go on. Deleting an agent again is fine.',
      answers: { 204: { description: 'It is gone.' } },
      errors: ['conflict'],
      async handle(call) {
        const target = call.params['id'] ?? '';
        await deleteAgent(call.caller.userId, target, deps);
        await noteAct(call, { action: 'agent.deleted', target }, deps);
        return reply(204);
      },
    }),
    switchTo(true),
    switchTo(false),
    defineOperation({
      id: 'rotateWebhookSecret',
      tag: 'Webhooks',
      method: 'POST',
      path: '/api/agents/{id}/rotate-secret',
      summary: 'Give a webhook a new secret',
      description:
        'The new secret is shown whole in this answer and never again. Each old one works for 24 hours more, unless it is revoked; five count at most.',
      body: RotateSecret,
      answers: { 200: { description: 'The agent.', schema: AgentView, headers: ETAG } },
      errors: ['conflict'],
      async handle(call) {
        const { caller, params, body } = call;
        const owner = ownerOf(caller, params['id']);
        const rotated = await rotateAgentSecret(owner, params['id'] ?? '', body.revoke_old, deps);
        const act = { action: 'webhook_secret.rotated', account: owner } as const;
        const details = { revoke_old: body.revoke_old };
        await noteAct(call, { ...act, target: rotated.agent.id, details }, deps);
        return viewer.answer(rotated);
      },
    }),
    defineOperation({
      id: 'runAgent',
      tag: 'Agents',
      method: 'POST',
      path: '/api/agents/{id}/run',
      summary: 'Run an agent now; the body becomes trigger.body',
      headers: {
        'Idempotency-Key':
          'Makes a repeated request the same run, for as long as settings.dedupe_window_seconds says.',
      },
      body: z.unknown().describe('Any JSON, or nothing.'),
      answers: { 202: { description: 'The run is stored and will end.', schema: RunOpened } },
      errors: ['conflict', 'insufficient_credits', 'quota_exceeded', 'forbidden'],
      async handle({ caller, params, body, headers }) {
        const agent = await getAgent(ownerOf(caller, params['id']), params['id'] ?? '', deps);
        const runId = await runNow(agent, body, headers, deps);
        return reply(202, { run_id: runId });
      },
    }),
  ];
}

async function runNow(
  agent: Agent,
  body: unknown,
  headers: Readonly<Record<string, string | undefined>>,
  deps: ApiDeps,
): Promise<string> {
  const key = headers['idempotency-key'];
  if (!agent.enabled) {
    throw new RequestError('conflict', 'This agent is disabled. Enable it to run it.');
  }
  const now = new Date(deps.clock.now()).toISOString();
  const opened = await openRun(
    {
      userId: agent.userId,
      agentId: agent.id,
      agentVersion: agent.version,
      retentionDays: agent.settings.log_retention_days,
      mostCredits: agent.mostCredits,
      triggeredBy: 'manual',
      depth: depthOf(headers),
      trigger: {
        body: body ?? null,
        headers: {},
        query: {},
        // Steps that use the time of their schedule work by hand, too.
        ...(agent.trigger.type === 'schedule' && { scheduled_at: now }),
        received_at: now,
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
