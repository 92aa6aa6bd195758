import { randomUUID } from 'node:crypto';
import type { BusEvent } from '#local/events/event';

/** SES's own; addresses there stand for what can become of an e-mail. */
const DOMAIN = 'simulator.amazonses.com';

/** An e-mail that SES has taken. */
export type TakenMail = {
  /** ISO 8601 */
  readonly at: string;
  readonly messageId: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly subject: string;
  /** Name of its configuration set. */
  readonly set: string;
  readonly tags: Readonly<Record<string, string>>;
};

/** What became of an e-mail, as SES publishes it. */
export type MailOutcome = {
  readonly eventType: 'Bounce' | 'Complaint';
  readonly detail: Readonly<Record<string, unknown>>;
};

/** Whether an address is one of the mailbox simulator. */
export function isSimulator(address: string): boolean {
  return address.toLowerCase().endsWith(`@${DOMAIN}`);
}

/**
 * What SES's mailbox simulator does with an e-mail to one of its addresses; undefined where it is
 * simply delivered. Labels (`bounce+label@`) are heeded.
 *
 * @see https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html#send-email-simulator
 */
export function outcomeFor(address: string, mail: TakenMail): MailOutcome | undefined {
  if (!isSimulator(address)) return undefined;
  const [name] = address.toLowerCase().split(/[+@]/, 1);
  const feedbackId = `${randomUUID()}-000000`;
  const timestamp = new Date().toISOString();
  const bounce = (bounceSubType: string, recipient: object): MailOutcome => ({
    eventType: 'Bounce',
    detail: {
      eventType: 'Bounce',
      bounce: {
        feedbackId,
        bounceType: 'Permanent',
        bounceSubType,
        bouncedRecipients: [{ emailAddress: address, ...recipient }],
        timestamp,
        reportingMTA: 'dsn; localhost',
      },
      mail: describe(mail),
    },
  });
  switch (name) {
    case 'bounce':
      return bounce('General', {
        action: 'failed',
        status: '5.1.1',
        diagnosticCode: 'smtp; 550 5.1.1 user unknown',
      });
    case 'suppressionlist':
      return bounce('Suppressed', {
        action: 'failed',
        status: '5.1.1',
        diagnosticCode: 'Amazon SES has suppressed sending to this address.',
      });
    case 'complaint':
      return {
        eventType: 'Complaint',
        detail: {
          eventType: 'Complaint',
          complaint: {
            feedbackId,
            complainedRecipients: [{ emailAddress: address }],
            complaintFeedbackType: 'abuse',
            timestamp,
          },
          mail: describe(mail),
        },
      };
    default:
      return undefined;
  }
}

function describe({ at, messageId, from, to, cc, subject, set, tags }: TakenMail) {
  const listed = Object.entries(tags).map(([name, value]) => [name, [value]]);
  return {
    timestamp: at,
    messageId,
    source: from,
    destination: [...to, ...cc],
    headersTruncated: false,
    headers: [],
    commonHeaders: { from: [from], to, subject, messageId },
    tags: { 'ses:configuration-set': [set], ...Object.fromEntries(listed) },
  };
}

const DETAIL_TYPES = { Bounce: 'Email Bounced', Complaint: 'Email Complaint Received' } as const;

/** The outcome as SES tells EventBridge. */
export function mailEvent(
  { eventType, detail }: MailOutcome,
  { accountId, region }: { readonly accountId: string; readonly region: string },
): BusEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': DETAIL_TYPES[eventType],
    source: 'aws.ses',
    account: accountId,
    time: `${new Date().toISOString().slice(0, 19)}Z`,
    region,
    resources: [],
    detail,
  };
}
