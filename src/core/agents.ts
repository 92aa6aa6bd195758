import { createHash } from 'node:crypto';
import type * as z from 'zod';
import {
  type Agent,
  type CreateAgent,
  type PatchAgent,
  SECRET_MASK,
  type StoredSecret,
  type StoredTrigger,
  type TriggerConfig,
} from '#core/agent';
import { checkActions, type DefinitionRules } from '#core/agent-definition';
import { notFound, RequestError } from '#core/errors';
import { isId, newId, type RandomBytes } from '#core/ids';
import type { AgentStore, Clock } from '#core/ports';

/** What managing agents works with. */
export type AgentDeps = DefinitionRules & {
  readonly agents: AgentStore;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
};

/** An agent, with the webhook secret while it may still be shown. */
export type ChangedAgent = { readonly agent: Agent; readonly secret: string | undefined };

/** Two changes at once are merged by trying again this often. */
const REPLACE_TRIES = 5;

/** Creates an agent. @throws RequestError `invalid_request` */
export async function createAgent(
  userId: string,
  body: CreateAgent,
  deps: AgentDeps,
): Promise<ChangedAgent> {
  const now = deps.clock.now();
  const at = new Date(now).toISOString();
  const { trigger, secret } = storeTrigger(body.trigger_config, undefined, deps.randomBytes);
  const agent: Agent = {
    id: newId('agt', now, deps.randomBytes),
    userId,
    name: body.name,
    description: body.description,
    enabled: body.enabled,
    trigger,
    actions: checkActions(body.actions, deps),
    settings: body.settings,
    version: 1,
    revision: 1,
    createdAt: at,
    agentCreatedAt: at,
    updatedAt: at,
  };
  await deps.agents.create(agent);
  return { agent, secret };
}

/** One agent of this user. @throws RequestError `not_found` */
export async function getAgent(
  userId: string,
  id: string,
  deps: Pick<AgentDeps, 'agents'>,
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
 * @throws RequestError `not_found`, `invalid_request`, `precondition_failed`, `conflict`
 */
export async function patchAgent(
  userId: string,
  id: string,
  body: PatchAgent,
  ifVersion: number | undefined,
  deps: AgentDeps,
): Promise<ChangedAgent> {
  for (let attempt = 0; attempt < REPLACE_TRIES; attempt += 1) {
    const current = await getAgent(userId, id, deps);
    if (ifVersion !== undefined && ifVersion !== current.version) {
      throw new RequestError(
        'precondition_failed',
        `The agent is at version ${current.version} now, not ${ifVersion}. Read it again and repeat the change.`,
      );
    }
    const changed = merge(current, body, deps);
    if (await deps.agents.replace(changed.agent, current.revision)) return changed;
  }
  throw new RequestError(
    'conflict',
    'The agent is being changed by several callers at once. Try again.',
  );
}

/** Deletes an agent; deleting it again is fine. @throws RequestError `not_found` */
export async function deleteAgent(userId: string, id: string, deps: AgentDeps): Promise<void> {
  const agent = isId('agt', id) ? await deps.agents.find(userId, id) : undefined;
  if (agent !== undefined) return deps.agents.remove(agent, deps.clock.now());
  if (isId('agt', id) && (await deps.agents.wasRemoved(userId, id))) return;
  throw notFound('agent');
}

function merge(current: Agent, body: PatchAgent, deps: AgentDeps): ChangedAgent {
  const at = new Date(deps.clock.now()).toISOString();
  const { trigger, secret } = body.trigger_config
    ? storeTrigger(body.trigger_config, current.trigger, deps.randomBytes)
    : { trigger: current.trigger, secret: undefined };
  const { enabled, ...definition } = body;
  const redefined = Object.keys(definition).length > 0;
  const agent: Agent = {
    ...current,
    name: body.name ?? current.name,
    description: body.description ?? current.description,
    enabled: enabled ?? current.enabled,
    trigger,
    actions: body.actions ? checkActions(body.actions, deps) : current.actions,
    settings: body.settings ?? current.settings,
    version: redefined ? current.version + 1 : current.version,
    revision: current.revision + 1,
    createdAt: redefined ? at : current.createdAt,
    updatedAt: at,
  };
  return { agent, secret };
}

/**
 * The trigger as it is kept. A webhook keeps the secrets that it had unless a new one is given; a
 * masked one, sent back as it was read, counts as not given.
 *
 * @returns the new secret too, to be shown this once
 */
function storeTrigger(
  config: z.infer<typeof TriggerConfig>,
  current: StoredTrigger | undefined,
  randomBytes: RandomBytes,
): { trigger: StoredTrigger; secret: string | undefined } {
  if (config.type === 'manual') return { trigger: { type: 'manual' }, secret: undefined };
  const given = config.secret?.startsWith(SECRET_MASK) ? undefined : config.secret;
  if (given === undefined && current?.type === 'webhook')
    return { trigger: current, secret: undefined };
  const secret = given ?? `whsec_${Buffer.from(randomBytes(32)).toString('base64url')}`;
  return {
    trigger: { type: 'webhook', auth: config.auth, secrets: [storeSecret(secret)] },
    secret,
  };
}

function storeSecret(secret: string): StoredSecret {
  return { sha256: createHash('sha256').update(secret).digest('hex'), last4: secret.slice(-4) };
}

/** A secret as it may be shown at any time. */
export function maskSecret(secret: StoredSecret): string {
  return `${SECRET_MASK}${secret.last4}`;
}
