import { randomUUID } from 'node:crypto';
import { type JsonInput, ServiceError } from '#local/services/json-server';
import type { ConfigurationSets } from '#local/services/ses/configuration-sets';
import type { Mailbox } from '#local/services/ses/mailbox';
import { isSimulator, type MailOutcome, outcomeFor } from '#local/services/ses/simulator';

/** What an operation works with. */
export type SesWorld = {
  readonly mailbox: Mailbox;
  /** Addresses and domains that may send, and in the sandbox alone receive; in lower case. */
  readonly identities: ReadonlySet<string>;
  /** Whether only identities may receive, as in an account that is new to SES. */
  readonly isSandbox: boolean;
  /** Most e-mails a second. */
  readonly maxPerSecond: number;
  readonly region: string;
  readonly sets: ConfigurationSets;
  /** Told what becomes of an e-mail that the mailbox simulator gets. */
  onOutcome(outcome: MailOutcome): void;
  now(): number;
};

type Operation = (world: SesWorld, input: JsonInput) => object;

type Content = { readonly Data?: string };
type SendEmail = {
  readonly Source?: string;
  readonly Destination?: { ToAddresses?: unknown; CcAddresses?: unknown; BccAddresses?: unknown };
  readonly ReplyToAddresses?: unknown;
  readonly ConfigurationSetName?: string;
  readonly Tags?: unknown;
  readonly Message?: { Subject?: Content; Body?: { Text?: Content; Html?: Content } };
};

const UNDERSTOOD = new Set([
  'ConfigurationSetName',
  'Destination',
  'Message',
  'ReplyToAddresses',
  'Source',
  'Tags',
]);
const MOST_RECIPIENTS = 50;

/** SES's API, version 1, as far as the product calls it. */
export function sesOperations(): Readonly<Record<string, Operation>> {
  const rate = { second: 0, sent: 0 };
  return {
    CreateConfigurationSet({ sets }, { ConfigurationSetName }) {
      sets.add(String(ConfigurationSetName));
      return {};
    },
    CreateConfigurationSetEventDestination({ sets }, { ConfigurationSetName, MatchingEventTypes }) {
      sets.publish(String(ConfigurationSetName), [MatchingEventTypes].flat().map(String));
      return {};
    },
    SendEmail(world, input) {
      const mail = readMail(input);
      refuseUnverified(world, mail);
      const set = setOf(world, input as SendEmail);
      refuseRate(world, rate);
      const message_id = `${randomUUID()}-000000`;
      const at = new Date(world.now()).toISOString();
      world.mailbox.keep({ at, message_id, ...mail });
      if (set !== undefined) {
        const sent = { ...mail, at, messageId: message_id, set, tags: tagsOf(input as SendEmail) };
        for (const recipient of [...mail.to, ...mail.cc]) {
          const outcome = outcomeFor(bareAddress(recipient), sent);
          if (outcome && world.sets.publishes(set, outcome.eventType)) world.onOutcome(outcome);
        }
      }
      return { MessageId: message_id };
    },
  };
}

function readMail(input: JsonInput) {
  const foreign = Object.keys(input).filter((name) => !UNDERSTOOD.has(name));
  if (foreign.length > 0) throw invalid(`${foreign.join(', ')} is not available on one machine`);
  const { Source = '', Destination = {}, ReplyToAddresses, Message } = input as SendEmail;
  const [to, cc, replyTo] = [
    addresses(Destination.ToAddresses),
    addresses(Destination.CcAddresses),
    addresses(ReplyToAddresses),
  ];
  if (addresses(Destination.BccAddresses).length > 0) {
    throw invalid('BccAddresses is not available on one machine');
  }
  const recipients = to.length + cc.length;
  if (recipients === 0) throw invalid('Missing required header To');
  if (recipients > MOST_RECIPIENTS) {
    throw new ServiceError('MessageRejected', `Recipient count exceeds ${MOST_RECIPIENTS}.`);
  }
  for (const address of [Source, ...to, ...cc, ...replyTo]) refuseMalformed(address);
  const { Subject, Body } = Message ?? {};
  if (Subject?.Data === undefined) throw invalid('Missing required parameter Message.Subject');
  if (Body?.Text === undefined && Body?.Html === undefined) {
    throw invalid('Missing required parameter Message.Body');
  }
  return {
    from: Source,
    to,
    cc,
    reply_to: replyTo,
    subject: Subject.Data,
    text: Body.Text?.Data ?? null,
    html: Body.Html?.Data ?? null,
  };
}

function setOf({ sets }: SesWorld, { ConfigurationSetName }: SendEmail): string | undefined {
  if (ConfigurationSetName === undefined || sets.has(ConfigurationSetName)) {
    return ConfigurationSetName;
  }
  throw new ServiceError(
    'ConfigurationSetDoesNotExist',
    `Configuration set <${ConfigurationSetName}> does not exist.`,
  );
}

function tagsOf({ Tags }: SendEmail): Record<string, string> {
  const tags = Array.isArray(Tags) ? (Tags as { Name?: string; Value?: string }[]) : [];
  for (const { Name = '', Value = '' } of tags) {
    const isFine = [Name, Value].every((text) => /^[A-Za-z0-9_-]{1,256}$/.test(text));
    if (!isFine) throw invalid(`Message tag <${Name}> has characters that are not allowed`);
  }
  return Object.fromEntries(tags.map(({ Name = '', Value = '' }) => [Name, Value]));
}

/** The query protocol has no empty list: it is an empty text. */
function addresses(list: unknown): string[] {
  return Array.isArray(list) ? list.map(String) : [];
}

function refuseMalformed(address: string): void {
  // SES checks the form of what it is given, not whether somebody is there.
  const domain = /^[\x21-\x7e]+@([A-Za-z0-9.-]+)$/.exec(bareAddress(address))?.[1];
  if (domain === undefined) throw invalid(`Illegal address: ${address}`);
  if (domain.startsWith('.') || domain.endsWith('.') || domain.includes('..')) {
    throw invalid('Domain starts or ends with dot');
  }
}

function refuseUnverified(world: SesWorld, mail: ReturnType<typeof readMail>): void {
  const recipients = [...mail.to, ...mail.cc].filter((one) => !isSimulator(bareAddress(one)));
  const checked = world.isSandbox ? [mail.from, ...recipients] : [mail.from];
  const failed = checked.filter((one) => !isVerified(world, bareAddress(one).toLowerCase()));
  if (failed.length === 0) return;
  throw new ServiceError(
    'MessageRejected',
    `Email address is not verified. The following identities failed the check in region ${world.region.toUpperCase()}: ${failed.join(', ')}`,
  );
}

function isVerified({ identities }: SesWorld, address: string): boolean {
  return identities.has(address) || identities.has(address.slice(address.indexOf('@') + 1));
}

function refuseRate(world: SesWorld, rate: { second: number; sent: number }): void {
  const second = Math.floor(world.now() / 1_000);
  if (second !== rate.second) Object.assign(rate, { second, sent: 0 });
  if (rate.sent >= world.maxPerSecond) {
    throw new ServiceError('Throttling', 'Maximum sending rate exceeded.');
  }
  rate.sent += 1;
}

/** The address in `Name <address>`. */
export function bareAddress(text: string): string {
  return /<([^<>]*)>$/.exec(text)?.[1] ?? text;
}

function invalid(message: string): ServiceError {
  return new ServiceError('InvalidParameterValue', `${message}.`);
}
