import * as z from 'zod';
import { isEmailAddress } from '#core/mail/mail';
import { ACCOUNT_TAG, taggedAccount } from '#core/mail/mail-tag';
import { listedAs, type Suppression, type SuppressionStore } from '#core/mail/suppressions';
import type { Log } from '#core/ports';

/** Longest text of a mail server that is kept, in characters. */
const MAX_DETAIL = 200;

const Recipients = z.array(
  z.object({ emailAddress: z.string(), diagnosticCode: z.string().optional() }),
);

/** What Amazon SES tells of an e-mail, as far as it matters here. */
const MailEvent = z.object({
  detail: z.object({
    mail: z.object({ tags: z.record(z.string(), z.array(z.string())).default({}) }),
    bounce: z
      .object({
        bounceType: z.string(),
        bounceSubType: z.string(),
        bouncedRecipients: Recipients,
        timestamp: z.iso.datetime(),
      })
      .optional(),
    complaint: z
      .object({
        complainedRecipients: Recipients,
        complaintFeedbackType: z.string().optional(),
        timestamp: z.iso.datetime(),
      })
      .optional(),
  }),
});
type MailDetail = z.infer<typeof MailEvent>['detail'];

/** What taking note works with. */
export type MailEventDeps = {
  readonly suppressions: Pick<SuppressionStore, 'add'>;
  readonly accounts: { find(userId: string): Promise<unknown> };
  readonly log: Log;
};

/**
 * Puts the addresses that an e-mail came back from for good, or whose readers called it spam, on
 * the list of the user who sent it. Doing it again changes nothing.
 *
 * @param event of Amazon SES, as EventBridge carries it
 * @returns how many addresses are on the list now by this event
 * @throws ZodError for what is no such event
 * @see https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
 */
export async function takeNoteOfMail(event: unknown, deps: MailEventDeps): Promise<number> {
  const { detail } = MailEvent.parse(event);
  const userId = taggedAccount(detail.mail.tags[ACCOUNT_TAG]?.[0] ?? '');
  const found = [...bounced(detail), ...complained(detail)];
  if (found.length === 0) return 0;
  // A user who is gone leaves no trace; e-mail of ours that names nobody has nobody to tell.
  if (userId === undefined || (await deps.accounts.find(userId)) === undefined) {
    deps.log.warn('returned mail of nobody', { count: found.length });
    return 0;
  }
  for (const one of found) await deps.suppressions.add(userId, one);
  deps.log.info('addresses suppressed', { userId, count: found.length });
  return found.length;
}

/** What is full or out of reach for a while may be written to again. */
function bounced({ bounce }: MailDetail): Suppression[] {
  if (bounce?.bounceType !== 'Permanent') return [];
  const { bounceSubType, bouncedRecipients, timestamp } = bounce;
  return bouncedRecipients.flatMap(({ emailAddress, diagnosticCode = '' }) => {
    const isKnown = /suppress/i.test(bounceSubType);
    const said = oneLine(diagnosticCode.replace(/^smtp;\s*/i, ''));
    const detail = isKnown
      ? 'Amazon SES does not send to it, since e-mail to it has come back before'
      : said || 'the mail server refused it for good';
    return entry(emailAddress, 'bounce', detail, timestamp);
  });
}

function complained({ complaint }: MailDetail): Suppression[] {
  if (complaint === undefined || complaint.complaintFeedbackType === 'not-spam') return [];
  const { complainedRecipients, complaintFeedbackType, timestamp } = complaint;
  const kind = oneLine(complaintFeedbackType ?? '') || 'spam';
  return complainedRecipients.flatMap(({ emailAddress }) =>
    entry(emailAddress, 'complaint', `reported as ${kind}`, timestamp),
  );
}

function entry(
  written: string,
  reason: Suppression['reason'],
  detail: string,
  timestamp: string,
): Suppression[] {
  const address = listedAs(/<([^<>]*)>$/.exec(written)?.[1] ?? written);
  if (!isEmailAddress(address)) return [];
  return [{ address, reason, detail, since: new Date(timestamp).toISOString() }];
}

function oneLine(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, MAX_DETAIL);
}
