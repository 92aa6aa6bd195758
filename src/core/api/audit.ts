import * as z from 'zod';
import { Moment, pageOf } from '#core/api/shared';
import { type AuditEntry, auditActions } from '#core/audit';

const AuditView = z
  .strictObject({
    id: z.string(),
    at: Moment,
    action: z.enum(auditActions).describe('What was done.'),
    actor: z
      .strictObject({
        kind: z
          .enum(['user', 'admin', 'mailed_link', 'system'])
          .describe('`system`: the product did it by itself.'),
        user_id: z.string().nullable(),
        email: z.string().nullable(),
        api_key_id: z
          .string()
          .nullable()
          .describe('The API key that a program used; null: signed in.'),
      })
      .describe('Who did it.'),
    ip: z.string().nullable().describe('The address that the request came from.'),
    forwarded_for: z
      .string()
      .nullable()
      .describe('What X-Forwarded-For said; a caller can write what it likes into it.'),
    account: z.string().nullable().describe('Whose account it is about; null: the deployment.'),
    target: z.string().nullable().describe('The id of what was acted on.'),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  })
  .meta({ id: 'AuditEntry' });

/** A page of acts, newest first. */
export const AuditPage = pageOf(AuditView);

/** An act as callers see it. */
export function presentAudit(entry: AuditEntry): z.infer<typeof AuditView> {
  const { id, at, action, actor, ip, forwardedFor, account, target, details } = entry;
  return {
    id,
    at,
    action,
    actor: {
      kind: actor.kind,
      user_id: actor.userId ?? null,
      email: actor.email ?? null,
      api_key_id: actor.apiKeyId ?? null,
    },
    ip: ip ?? null,
    forwarded_for: forwardedFor ?? null,
    account: account ?? null,
    target: target ?? null,
    details: { ...details },
  };
}
