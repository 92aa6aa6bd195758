import { type ParsedUrlQuery, parse } from 'node:querystring';
import type { StoredSecret, WebhookDoor } from '#core/agents/agent';
import type { AgentStore } from '#core/agents/agent-store';
import { activeSecrets } from '#core/agents/agent-trigger';
import { ActionRejectedError, RequestError, requestErrorStatus } from '#core/errors';
import { isId } from '#core/ids';
import { isNestedTooDeeply, MAX_JSON_DEPTH } from '#core/json-depth';
import { rejectionOf } from '#core/limits/admission';
import { type Rates, secondsLeft, webhookRateName } from '#core/limits/rates';
import type { DeliveryStore } from '#core/runs/deliveries';
import { DEPTH_HEADER, depthOf } from '#core/runs/depth';
import {
  type IdempotencyKey,
  type OpenedRun,
  type OpenRunDeps,
  type OpenRunRequest,
  openRun,
} from '#core/runs/open-run';
import { rejectedRun } from '#core/runs/rejected-run';
import type { RejectReason } from '#core/runs/run';
import type { RunStore } from '#core/runs/run-store';
import type { SecretBox } from '#core/secret-box';
import { isDeliveryId } from '#core/webhook-auth/event-id';
import { decodeKey, type Secret, verifyDelivery } from '#core/webhook-auth/webhook-auth';

/** Largest body that a webhook takes, in bytes. */
export const MAX_WEBHOOK_BYTES = 1_048_576;

/** A delivery as it arrived. */
export type Delivery = {
  readonly agentId: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** Never stored with a run: they are how the caller proves itself, or how it is known elsewhere. */
const PRIVATE_HEADERS = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-webhook-secret',
  'webhook-signature',
  'x-hub-signature',
  'x-hub-signature-256',
  'stripe-signature',
  'x-slack-signature',
  DEPTH_HEADER,
]);

/** About the way that a request took, not about what it says. */
const TRANSPORT_HEADERS = new Set([
  'host',
  'connection',
  'content-length',
  'x-forwarded-for',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-amzn-trace-id',
]);

/** A signature is good for five minutes on either side of its time: repeats are caught for as long. */
const SIGNED_WINDOW_SECONDS = 600;

/** What accepting deliveries works with. */
export type AcceptDeps = OpenRunDeps & {
  readonly runs: Pick<RunStore, 'reject'>;
  readonly agents: Pick<AgentStore, 'webhookDoor'>;
  readonly secrets: Pick<SecretBox, 'open'>;
  readonly rates: Rates;
  readonly deliveries: Pick<DeliveryStore, 'note'>;
};

/** What a delivery leads to. */
export type Accepted =
  | ({ readonly outcome: 'run' } & OpenedRun)
  /** The provider only asks whether the door is ours. */
  | { readonly outcome: 'challenge'; readonly answer: { readonly challenge: string } };

/**
 * Turns a genuine delivery into a run. Checked in this order: size, agent, authenticity, enabled,
 * duplicate, rate, quota and credits. Refusals of a known agent are noted for its owner.
 *
 * @throws RequestError `payload_too_large`, `not_found`, `unauthorized`, `conflict`, `rate_limited`,
 *   `quota_exceeded`, `insufficient_credits`, `forbidden`, `invalid_request`
 */
export async function acceptDelivery(delivery: Delivery, deps: AcceptDeps): Promise<Accepted> {
  if (delivery.body.length > MAX_WEBHOOK_BYTES) {
    throw new RequestError(
      'payload_too_large',
      'A webhook body may have at most 1 MiB. Send less, or a link.',
    );
  }
  const known = isId('agt', delivery.agentId);
  const door = known ? await deps.agents.webhookDoor(delivery.agentId) : undefined;
  if (door === undefined) throw new RequestError('not_found', 'There is no such webhook.');
  try {
    return await acceptAt(door, delivery, deps);
  } catch (error) {
    if (error instanceof RequestError) {
      const reason = rejectionOf(error);
      if (reason) await noteRejection(door, reason, deps);
      const status = requestErrorStatus[error.code];
      await deps.deliveries.note(door, status, error.message, deps.clock.now());
    }
    throw error;
  }
}

/** Best effort: the caller has been told, and the history is for the owner. */
async function noteRejection(
  door: WebhookDoor,
  reason: RejectReason,
  deps: AcceptDeps,
): Promise<void> {
  const row = rejectedRun(door, reason, 'webhook', deps.clock.now());
  await deps.runs.reject(row).catch((error: unknown) => {
    deps.log.warn('rejection not noted', { agentId: door.agentId, error });
  });
}

async function acceptAt(
  door: WebhookDoor,
  delivery: Delivery,
  deps: AcceptDeps,
): Promise<Accepted> {
  const now = deps.clock.now();
  const verdict = verifyDelivery(door.auth, delivery, await openSecrets(door, now, deps), now);
  if (verdict.verdict === 'forged') throw new RequestError('unauthorized', verdict.reason);
  if (verdict.verdict === 'challenge') return { outcome: 'challenge', answer: verdict.answer };
  if (!door.enabled) {
    throw new RequestError(
      'conflict',
      'This agent is disabled. Enable it to let its webhook start runs.',
    );
  }
  const request = { ...requestFor(door, delivery, verdict.deliveryId, now), admit };
  return { outcome: 'run', ...(await openRun(request, deps)) };

  async function admit(): Promise<void> {
    const rate = { limit: door.ratePerMinute, windowSeconds: 60 };
    if (await deps.rates.take(webhookRateName(door.agentId), rate, now)) return;
    throw new RequestError(
      'rate_limited',
      `This webhook takes ${door.ratePerMinute} calls a minute (settings.webhook_rate_per_minute). Call again next minute.`,
      { retryAfterSeconds: secondsLeft(rate, now), rate },
    );
  }
}

/** The secrets that count now, in the form in which the scheme uses them. */
async function openSecrets(door: WebhookDoor, now: number, deps: AcceptDeps): Promise<Secret[]> {
  const { auth } = door;
  const whole = (door.secrets ?? []).filter(isWhole);
  const opened = activeSecrets(whole, now).map(async (stored): Promise<Secret[]> => {
    if (stored.kind === 'digest') return [{ kind: 'digest', sha256: stored.sha256 }];
    if (auth === 'secret' || auth === 'none') return [];
    const text = await openOrLose(stored.sealed, door, deps);
    return text === undefined ? [] : [{ kind: 'key', key: decodeKey(auth, text) }];
  });
  return (await Promise.all(opened)).flat();
}

/** A secret that no key of ours opens any more counts as missing; one that does not open now is a fault. */
async function openOrLose(
  sealed: string,
  door: WebhookDoor,
  deps: AcceptDeps,
): Promise<string | undefined> {
  try {
    return await deps.secrets.open(sealed, door);
  } catch (error) {
    if (!(error instanceof ActionRejectedError)) throw error;
    deps.log.warn('webhook secret lost', { agentId: door.agentId, error });
    return undefined;
  }
}

/** An item that has lost its secret is no fault of the caller's: it opens the door to nobody. */
function isWhole(stored: StoredSecret): boolean {
  const kept: unknown = stored.kind === 'digest' ? stored.sha256 : stored.sealed;
  return typeof kept === 'string' && kept !== '';
}

function requestFor(
  door: WebhookDoor,
  delivery: Delivery,
  deliveryId: string | undefined,
  now: number,
): OpenRunRequest {
  const { secret: _, ...query } = delivery.query;
  const unique = uniqueness(delivery.headers, deliveryId, door.dedupeWindowSeconds);
  return {
    userId: door.userId,
    agentId: door.agentId,
    agentVersion: door.version,
    retentionDays: door.retentionDays,
    mostCredits: door.mostCredits,
    depth: depthOf(delivery.headers),
    triggeredBy: 'webhook' as const,
    trigger: {
      body: parseBody(delivery.body, delivery.headers['content-type']),
      headers: publicHeaders(delivery.headers),
      query,
      received_at: new Date(now).toISOString(),
    },
    ...(unique && { idempotency: unique }),
  };
}

/** Names that providers give a delivery, whatever the auth. */
const DELIVERY_IDS = ['webhook-id', 'x-github-delivery'] as const;

/**
 * What makes a delivery unique. A signed id comes first, so that nobody can replay a delivery under
 * another key; then the caller's own key; then an id that is only said.
 */
function uniqueness(
  headers: Delivery['headers'],
  signedId: string | undefined,
  windowSeconds: number,
): IdempotencyKey | undefined {
  if (signedId !== undefined) {
    const window = Math.max(windowSeconds, SIGNED_WINDOW_SECONDS);
    return { by: 'provider', key: signedId, windowSeconds: window };
  }
  const key = headers['idempotency-key'];
  if (key !== undefined) return idempotency(key, windowSeconds);
  const said = DELIVERY_IDS.map((name) => headers[name]).find(isDeliveryId);
  return said === undefined ? undefined : { by: 'provider', key: said, windowSeconds };
}

/** @throws RequestError `invalid_request` for a key that cannot be one. */
export function idempotency(key: string, windowSeconds: number): IdempotencyKey {
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return { by: 'caller', key, windowSeconds };
  throw new RequestError(
    'invalid_request',
    'Idempotency-Key must have 1 to 255 visible ASCII characters without spaces.',
  );
}

function publicHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(headers).filter(
    ([name]) => !PRIVATE_HEADERS.has(name) && !TRANSPORT_HEADERS.has(name),
  );
  return Object.fromEntries(kept);
}

/**
 * The body as templates see it: JSON, a form or text by its content type, else base64 with the type
 * said. No other parser is ever chosen, so that nobody can smuggle one in.
 *
 * @throws RequestError `invalid_request` for a body that is not what its content type says
 */
function parseBody(body: Buffer, contentType = ''): unknown {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (body.length === 0) return null;
  if (type === 'application/json' || type.endsWith('+json') || type === '')
    return parseJson(body, type);
  if (type === 'application/x-www-form-urlencoded') return parseForm(body);
  if (type.startsWith('text/')) return body.toString('utf8');
  return { content_type: type, base64: body.toString('base64') };
}

function parseJson(body: Buffer, type: string): unknown {
  // Without the byte order mark that some programs begin with.
  const text = new TextDecoder().decode(body);
  if (isNestedTooDeeply(text)) {
    throw new RequestError(
      'invalid_request',
      `The JSON body is nested more than ${MAX_JSON_DEPTH} levels deep; make it flatter.`,
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    if (type === '') return text;
    throw new RequestError(
      'invalid_request',
      'The body is not valid JSON, but its Content-Type says so.',
    );
  }
}

/** Fields by name, a list where a name comes more than once. There may be a quarter of a million. */
function parseForm(body: Buffer): ParsedUrlQuery {
  return parse(body.toString('utf8'), '&', '=', { maxKeys: 0 });
}
