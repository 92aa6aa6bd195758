import type { AuditAction, AuditActor, AuditDeps, AuditEntry } from '#core/audit';
import { writeDown } from '#core/audit';
import type { Call } from '#functions/api/operation';

/** What a request did. */
export type Act = {
  readonly action: AuditAction;
  /** Whose account it is about. @default the caller's */
  readonly account?: string | undefined;
  readonly target?: string | undefined;
  readonly details?: AuditEntry['details'];
  /** @default the caller */
  readonly actor?: AuditActor;
};

/** Longest part of X-Forwarded-For that is kept. */
const FORWARDED_CHARACTERS = 200;

/**
 * Writes down what a request has done, after it is done and before it is answered: a caller who hears
 * of no success may repeat the request, which then is written down, too.
 */
export async function noteAct(
  { caller, headers, sourceIp }: Pick<Call<unknown, unknown>, 'caller' | 'headers' | 'sourceIp'>,
  { action, account = caller.userId, target, details = {}, actor }: Act,
  deps: AuditDeps,
): Promise<void> {
  const forwardedFor = headers['x-forwarded-for']?.slice(0, FORWARDED_CHARACTERS);
  const { userId, email, apiKeyId } = caller;
  const own: AuditActor = {
    kind: account === userId ? 'user' : 'admin',
    userId,
    ...(email !== undefined && { email }),
    ...(apiKeyId !== undefined && { apiKeyId }),
  };
  await writeDown(
    {
      action,
      actor: actor ?? own,
      ...(sourceIp !== '' && { ip: sourceIp }),
      ...(forwardedFor !== undefined && { forwardedFor }),
      ...(account !== '' && { account }),
      ...(target !== undefined && { target }),
      details,
    },
    deps,
  );
}
