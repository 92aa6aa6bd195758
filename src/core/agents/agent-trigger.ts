import { createHash } from 'node:crypto';
import {
  SECRET_MASK,
  type StoredSecret,
  type StoredTrigger,
  type TriggerConfig,
} from '#core/agents/agent';
import { invalidRequest, RequestError } from '#core/errors';
import type { RandomBytes } from '#core/ids';
import type { Clock } from '#core/ports';
import { parseRunAt } from '#core/schedules/schedules';
import type { SecretBox } from '#core/secret-box';
import { newSecret, type WebhookScheme } from '#core/webhook-auth/webhook-auth';

/** What storing a trigger works with. */
export type TriggerDeps = {
  readonly secrets: SecretBox;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
};

/** Whose trigger it is: a sealed secret opens only for the same names. */
export type TriggerOwner = { readonly userId: string; readonly agentId: string };

/** A trigger as it is kept, and a new secret to be shown this once. */
export type KeptTrigger = { readonly trigger: StoredTrigger; readonly secret: string | undefined };

/** How long a rotated secret still counts, in milliseconds. */
const OVERLAP_MS = 24 * 3_600_000;

/** Secrets that count at once at most: each delivery is checked against all of them. */
const MOST_SECRETS = 5;

/**
 * Checks what a schema cannot know about a trigger.
 *
 * @throws RequestError `invalid_request` for a time that has passed
 */
export function checkTrigger(
  config: TriggerConfig,
  current: StoredTrigger | undefined,
  clock: Clock,
): void {
  if (config.type !== 'schedule' || config.run_at === undefined) return;
  const at = parseRunAt(config.run_at);
  // Sent back as it was read, a time that has passed is no new wish.
  const isUnchanged = current?.type === 'schedule' && current.runAt === new Date(at).toISOString();
  if (at > clock.now() || isUnchanged) return;
  throw invalidRequest([
    { path: 'trigger_config.run_at', message: 'This time has passed. Give one in the future.' },
  ]);
}

/**
 * The trigger as it is kept, once it is checked. A webhook keeps its secrets unless a new one is given
 * or its kind of auth changes; a masked one, sent back as it was read, counts as not given.
 */
export async function keepTrigger(
  config: TriggerConfig,
  current: StoredTrigger | undefined,
  owner: TriggerOwner,
  deps: TriggerDeps,
): Promise<KeptTrigger> {
  if (config.type === 'manual') return { trigger: { type: 'manual' }, secret: undefined };
  if (config.type === 'schedule') return { trigger: scheduleOf(config), secret: undefined };
  const { auth } = config;
  if (auth === 'none')
    return { trigger: { type: 'webhook', auth, secrets: [] }, secret: undefined };
  const given = config.secret?.startsWith(SECRET_MASK) ? null : config.secret;
  if (given == null && current?.type === 'webhook' && current.auth === auth) {
    return { trigger: current, secret: undefined };
  }
  const secret = given ?? newSecret(auth, deps.randomBytes);
  const stored = await keepSecret(auth, secret, owner, deps);
  return { trigger: { type: 'webhook', auth, secrets: [stored] }, secret };
}

/**
 * A webhook's trigger with a new secret. The old ones count for a day after they were replaced, so
 * that senders can be changed meanwhile, unless they are revoked.
 *
 * @throws RequestError `invalid_request` without a secret; `conflict` when too many count already
 */
export async function rotateSecret(
  current: Extract<StoredTrigger, { type: 'webhook' }>,
  revokeOld: boolean,
  owner: TriggerOwner,
  deps: TriggerDeps,
): Promise<KeptTrigger> {
  const { auth } = current;
  if (auth === 'none') {
    throw invalidRequest([
      { path: '', message: 'This webhook has no secret: its auth is "none".' },
    ]);
  }
  const now = deps.clock.now();
  const kept = revokeOld ? [] : activeSecrets(current.secrets, now);
  if (kept.length >= MOST_SECRETS) throw tooManySecrets(kept);
  const secret = newSecret(auth, deps.randomBytes);
  const old = kept.map((one) => ({ ...one, expiresAt: one.expiresAt ?? now + OVERLAP_MS }));
  const stored = await keepSecret(auth, secret, owner, deps);
  return { trigger: { type: 'webhook', auth, secrets: [stored, ...old] }, secret };
}

function tooManySecrets(kept: readonly StoredSecret[]): RequestError {
  const until = new Date(kept.at(-1)?.expiresAt ?? 0).toISOString();
  return new RequestError(
    'conflict',
    `This webhook has ${MOST_SECRETS} secrets that count, which is the most. Set revoke_old to end the old ones at once, or wait until ${until}.`,
  );
}

/** The secrets that count at an instant. */
export function activeSecrets(
  secrets: readonly StoredSecret[],
  now: number,
): readonly StoredSecret[] {
  return secrets.filter((secret) => secret.expiresAt === undefined || secret.expiresAt > now);
}

/** A secret as it may be shown at any time. */
export function maskSecret(secret: StoredSecret): string {
  return `${SECRET_MASK}${secret.last4}`;
}

async function keepSecret(
  auth: WebhookScheme,
  secret: string,
  owner: TriggerOwner,
  deps: TriggerDeps,
): Promise<StoredSecret> {
  const last4 = secret.slice(-4);
  if (auth === 'secret') {
    return { kind: 'digest', sha256: createHash('sha256').update(secret).digest('hex'), last4 };
  }
  return { kind: 'sealed', sealed: await deps.secrets.seal(secret, owner), last4 };
}

function scheduleOf(config: Extract<TriggerConfig, { type: 'schedule' }>): StoredTrigger {
  const { cron_expression: cronExpression, timezone = 'UTC', run_at } = config;
  if (cronExpression !== undefined) return { type: 'schedule', cronExpression, timezone };
  return { type: 'schedule', runAt: new Date(parseRunAt(run_at ?? '')).toISOString() };
}
