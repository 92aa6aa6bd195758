import { newId, type RandomBytes } from '#core/ids';
import type { Clock, Slice } from '#core/ports';

/** What is written down of what people do. Stored, so never renamed. */
export const auditActions = [
  'account.changed',
  'account.deleted',
  'agent.deleted',
  'agent.disabled',
  'agent.enabled',
  'api_key.created',
  'api_key.deleted',
  'approval.approved',
  'approval.rejected',
  'connection.changed',
  'connection.created',
  'connection.deleted',
  'credits.adjusted',
  'dispatch.paused',
  'dispatch.resumed',
  'run.redriven',
  'webhook_secret.rotated',
] as const;
export type AuditAction = (typeof auditActions)[number];

/** Who did it. */
export type AuditActor = {
  readonly kind: 'user' | 'admin' | 'mailed_link' | 'system';
  readonly userId?: string;
  readonly email?: string;
  /** The API key that a program used. */
  readonly apiKeyId?: string;
};

/** One act: who, what, when, from where. It never holds a secret. */
export type AuditEntry = {
  readonly id: string;
  /** ISO 8601 */
  readonly at: string;
  readonly action: AuditAction;
  readonly actor: AuditActor;
  /** The address that the request came from; absent where there was none. */
  readonly ip?: string;
  /** What proxies said about the request's way, unchecked. */
  readonly forwardedFor?: string;
  /** Whose account it is about; absent for the whole deployment. */
  readonly account?: string;
  /** Id of what was acted on. */
  readonly target?: string;
  readonly details: Readonly<Record<string, string | number | boolean>>;
};

/** The acts about an account, or those of admins. */
export type AuditScope = { readonly account: string } | 'admins';

/** Where acts are written down. They are never changed, and expire after {@link AUDIT_DAYS}. */
export type AuditStore = {
  /** Acts of admins are kept in both scopes. */
  add(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  list(
    scope: AuditScope,
    page: { limit: number; after: string | undefined },
  ): Promise<Slice<AuditEntry>>;
};

/** Days for which acts are kept: a year, and a month to look back on it. */
export const AUDIT_DAYS = 400;

/** What writing down takes. */
export type AuditDeps = {
  readonly audit: AuditStore;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
};

/** Writes down what somebody has done. */
export async function writeDown(
  act: Omit<AuditEntry, 'id' | 'at'>,
  { audit, clock, randomBytes }: AuditDeps,
): Promise<void> {
  const now = clock.now();
  await audit.add({ id: newId('aud', now, randomBytes), at: new Date(now).toISOString(), ...act });
}
