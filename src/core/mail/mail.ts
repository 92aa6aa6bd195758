import * as z from 'zod';
import type { Suppression } from '#core/mail/suppressions';

/** Longest address that mail servers take, in characters. */
const MAX_ADDRESS = 254;

/** Most recipients of one e-mail, those in copy included. */
export const MAX_RECIPIENTS = 50;

/** Longest subject that is sent, in characters. */
const MAX_SUBJECT = 250;

// The form that browsers accept in <input type="email">, with a dot or "localhost" in the domain.
// Each part is bounded and none can match in two ways, so that it is linear on hostile input.
const ADDRESS =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:localhost|(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)$/;

/** Whether this is exactly one plain address: no name, no list, nothing that a header could mean. */
export function isEmailAddress(text: string): boolean {
  return text.length <= MAX_ADDRESS && ADDRESS.test(text);
}

/** One plain e-mail address. */
export const EmailAddress = z
  .string()
  .refine(isEmailAddress, 'Give one plain e-mail address, such as ada@example.com.');

/** An e-mail to send. Every slot holds one plain address. */
export type Mail = {
  /** For whom it is sent: bounces and complaints lead to this user's suppression list. */
  readonly userId: string;
  readonly to: readonly string[];
  readonly cc?: readonly string[];
  readonly replyTo?: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  /** The same on every attempt. SES knows no such key: a repeated attempt may send twice. */
  readonly idempotencyKey: string;
};

/** What became of an e-mail. */
export type Sent = {
  /** The provider's id of the message. */
  readonly messageId: string;
  /** Recipients that were left out, because they are on the user's suppression list. */
  readonly suppressed?: readonly Suppression[];
};

/** Sends e-mail. */
export type Mailer = {
  /**
   * @throws ActionRejectedError for what must be changed before it can be sent
   * @throws ActionUnavailableError when the provider is busy
   */
  send(mail: Mail): Promise<Sent>;
};

/** A subject as one line: what would break out of a header becomes a space. */
export function subjectLine(text: string): string {
  const line = text.replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ').trim();
  return line.length > MAX_SUBJECT ? `${line.slice(0, MAX_SUBJECT - 1)}…` : line;
}

/**
 * What is wrong with an e-mail, in words for whoever wrote it; undefined when it can be sent.
 */
export function mailProblem(mail: Omit<Mail, 'userId'>): string | undefined {
  const recipients = [...mail.to, ...(mail.cc ?? [])];
  if (mail.to.length === 0) return 'The e-mail has no recipient.';
  if (recipients.length > MAX_RECIPIENTS) {
    return `An e-mail has at most ${MAX_RECIPIENTS} recipients; this one has ${recipients.length}.`;
  }
  const addresses = [...recipients, ...(mail.replyTo === undefined ? [] : [mail.replyTo])];
  const wrong = addresses.find((address) => !isEmailAddress(address));
  if (wrong !== undefined) {
    return `${JSON.stringify(wrong.slice(0, 80))} is not one plain e-mail address.`;
  }
  if (subjectLine(mail.subject) === '') return 'The e-mail has no subject.';
  return undefined;
}
