import type { Connection } from '#core/connections/connection';
import { ActionRejectedError } from '#core/errors';
import type { IncomingResponse } from '#core/http';
import type { Mail } from '#core/mail/mail';

/** An e-mail for a provider that a connection leads to. */
export type Message = {
  readonly to: readonly string[];
  readonly cc: readonly string[];
  /** Empty where a stored template has one of its own. */
  readonly subject: string;
  readonly content:
    | Pick<Mail, 'text' | 'html'>
    | { readonly templateId: string; readonly data: Readonly<Record<string, unknown>> };
  readonly idempotencyKey: string;
};

/**
 * Sends by one provider.
 *
 * @returns the provider's id of the message
 * @throws ActionRejectedError, ActionUnavailableError
 */
export type Send = (
  message: Message,
  connection: Connection,
  signal: AbortSignal,
) => Promise<string>;

/** An address of a provider's API. */
export function endpoint({ settings }: Connection, path: string): string {
  return `${settings['base_url']?.replace(/\/+$/, '')}${path}`;
}

/** A success that is not the provider's: it would pass for an e-mail that was sent. */
export function notTheProvider(provider: string, { status }: IncomingResponse): Error {
  return new ActionRejectedError(
    `What answered ${status} is not ${provider}, so nothing is known to be sent. Check base_url of the connection.`,
  );
}
