import { createHash, timingSafeEqual } from 'node:crypto';
import type { StoredSecret, WebhookDoor } from '#core/agent';
import { RequestError } from '#core/errors';
import { isId } from '#core/ids';
import { isNestedTooDeeply, MAX_JSON_DEPTH } from '#core/json-depth';
import { type OpenedRun, type OpenRunDeps, openRun } from '#core/open-run';
import type { AgentStore } from '#core/ports';

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

/**
 * Turns a genuine delivery into a run. Checked in this order: size, agent, secret, enabled,
 * duplicate.
 *
 * @throws RequestError `payload_too_large`, `not_found`, `unauthorized` or `conflict`
 */
export async function acceptDelivery(
  delivery: Delivery,
  deps: OpenRunDeps & { readonly agents: Pick<AgentStore, 'webhookDoor'> },
): Promise<OpenedRun> {
  if (delivery.body.length > MAX_WEBHOOK_BYTES) {
    throw new RequestError(
      'payload_too_large',
      'A webhook body may have at most 1 MiB. Send less, or a link.',
    );
  }
  const door = isId('agt', delivery.agentId)
    ? await deps.agents.webhookDoor(delivery.agentId)
    : undefined;
  if (door === undefined) throw new RequestError('not_found', 'There is no such webhook.');
  const offered = delivery.headers['x-webhook-secret'] ?? delivery.query['secret'];
  if (!knowsSecret(door.secrets, offered)) {
    throw new RequestError(
      'unauthorized',
      "The secret is missing or wrong. Send the agent's webhook secret in the X-Webhook-Secret header.",
    );
  }
  if (!door.enabled) {
    throw new RequestError(
      'conflict',
      'This agent is disabled. Enable it to let its webhook start runs.',
    );
  }
  return openRun(requestFor(door, delivery, deps.clock.now()), deps);
}

/**
 * Whether one of the stored secrets was offered. Digests are compared, so that the comparison takes
 * the same time for every wrong secret; no stored secret means no.
 */
function knowsSecret(secrets: readonly StoredSecret[], offered: string | undefined): boolean {
  if (offered === undefined) return false;
  const digest = createHash('sha256').update(offered).digest();
  return secrets.some((secret) => {
    const stored = Buffer.from(secret.sha256, 'hex');
    return stored.length === digest.length && timingSafeEqual(stored, digest);
  });
}

function requestFor(door: WebhookDoor, delivery: Delivery, now: number) {
  const { secret: _, ...query } = delivery.query;
  const key = delivery.headers['idempotency-key'];
  return {
    userId: door.userId,
    agentId: door.agentId,
    agentVersion: door.version,
    retentionDays: door.retentionDays,
    triggeredBy: 'webhook' as const,
    trigger: {
      body: parseBody(delivery.body, delivery.headers['content-type']),
      headers: publicHeaders(delivery.headers),
      query,
      received_at: new Date(now).toISOString(),
    },
    ...(key !== undefined && { idempotency: idempotency(key, door.dedupeWindowSeconds) }),
  };
}

/** @throws RequestError `invalid_request` for a key that cannot be one. */
export function idempotency(key: string, windowSeconds: number) {
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return { key, windowSeconds };
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
  const text = body.toString('utf8');
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

function parseForm(body: Buffer): Record<string, string | string[]> {
  const form = new URLSearchParams(body.toString('utf8'));
  const names = [...new Set(form.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const values = form.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? '') : values];
    }),
  );
}
