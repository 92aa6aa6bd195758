import type { Newest } from '#local/services/newest';

/** An e-mail that was sent. */
export type SentMail = {
  /** ISO 8601 */
  readonly at: string;
  readonly message_id: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly reply_to: readonly string[];
  readonly subject: string;
  readonly text: string | null;
  readonly html: string | null;
};

/** The newest e-mails. */
export type Mailbox = Newest<SentMail>;
