import type { SESClient } from '@aws-sdk/client-ses';
import { clientConfig } from '#adapters/aws-clients';
import { isTransient } from '#adapters/transient';
import { ActionRejectedError, ActionUnavailableError } from '#core/errors';
import { type Mail, type Mailer, mailProblem, subjectLine } from '#core/mail/mail';
import { ACCOUNT_TAG, accountTag } from '#core/mail/mail-tag';

/** Shown to recipients beside the address. */
const SENDER_NAME = 'CrucibAI Agents';

/** SES counts e-mails by the second, and by the day. */
const RATE_PAUSE_SECONDS = 1;
const DAY_PAUSE_SECONDS = 3_600;

/** How this deployment sends. */
export type MailSetup = {
  /** An address that SES has verified; empty where e-mail is not set up. */
  readonly from: string;
  /** By which bounces and complaints come back; empty: they do not. */
  readonly configurationSet: string;
};

/** Sends by Amazon SES, which writes the message itself: no text of ours is parsed as a header. */
export function sesMailer(setup: MailSetup): Mailer {
  const { from } = setup;
  return {
    async send(mail) {
      if (from === '') {
        throw new ActionRejectedError(
          'E-mail is not set up here. Whoever runs this deployment must set its parameter MailFrom to an address that Amazon SES has verified.',
        );
      }
      const problem = mailProblem(mail);
      if (problem !== undefined) throw new ActionRejectedError(problem);
      const { SendEmailCommand, client } = await openSes();
      try {
        const sent = await client.send(new SendEmailCommand(requestFor(mail, setup)));
        return { messageId: sent.MessageId ?? '' };
      } catch (error) {
        throw inPlainWords(error, from);
      }
    },
  };
}

function requestFor(mail: Mail, { from, configurationSet }: MailSetup) {
  const content = (Data: string) => ({ Data, Charset: 'UTF-8' });
  return {
    ...(configurationSet !== '' && {
      ConfigurationSetName: configurationSet,
      Tags: [{ Name: ACCOUNT_TAG, Value: accountTag(mail.userId) }],
    }),
    Source: `${SENDER_NAME} <${from}>`,
    Destination: { ToAddresses: [...mail.to], ...(mail.cc && { CcAddresses: [...mail.cc] }) },
    ...(mail.replyTo !== undefined && { ReplyToAddresses: [mail.replyTo] }),
    Message: {
      Subject: content(subjectLine(mail.subject)),
      Body: {
        Text: content(mail.text),
        ...(mail.html !== undefined && { Html: content(mail.html) }),
      },
    },
  };
}

/**
 * What SES refuses, in words that say what to do. What is a fault of this deployment's permissions
 * stays as it is.
 *
 * @see https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html
 */
function inPlainWords(cause: unknown, from: string): unknown {
  if (!(cause instanceof Error)) return cause;
  const { name, message } = cause;
  if (/^Throttling/.test(name) || name === 'LimitExceededException') {
    const isDay = /daily/i.test(message);
    return new ActionUnavailableError(
      isDay
        ? 'Amazon SES has sent as many e-mails as this account may in a day. Ask AWS for a higher sending quota.'
        : 'Amazon SES takes no more e-mails this second.',
      { cause, retryAfterSeconds: isDay ? DAY_PAUSE_SECONDS : RATE_PAUSE_SECONDS },
    );
  }
  if (isTransient(cause)) {
    return new ActionUnavailableError('Amazon SES did not take the e-mail.', { cause });
  }
  const told = rejection(name, message, from);
  return told === undefined ? cause : new ActionRejectedError(told, { cause });
}

function rejection(name: string, message: string, from: string): string | undefined {
  if (/not verified/i.test(message)) return unverified(message, from);
  if (/^ConfigurationSetDoesNotExist/.test(name)) {
    return 'The configuration set of this deployment is gone from Amazon SES. Whoever runs it must deploy it again.';
  }
  if (/^MailFromDomainNotVerified/.test(name)) {
    return 'The MAIL FROM domain of the sender is not set up in Amazon SES. Whoever runs this deployment must publish its MX record.';
  }
  if (/^(Account|ConfigurationSet)SendingPaused/.test(name)) {
    return 'Amazon SES has paused sending for this account. Whoever runs this deployment must see to it in the SES console.';
  }
  if (name === 'MessageRejected' || name === 'InvalidParameterValue') {
    return `Amazon SES refused the e-mail: ${message}`;
  }
  return undefined;
}

/** SES lists the identities that it does not know. */
function unverified(message: string, from: string): string {
  const failed = /:\s*([^:]*)$/.exec(message)?.[1] ?? '';
  if (failed.includes(from)) {
    return `Amazon SES has not verified the sender ${from}. Whoever runs this deployment must verify it, or set the parameter MailFrom to an address that is verified.`;
  }
  return `Amazon SES is in its sandbox here, where it sends to verified addresses only, and these are not: ${failed}. Verify them in Amazon SES, or ask AWS for production access.`;
}

let ses: ReturnType<typeof loadSes> | undefined;

/** Few steps send e-mail, so the client is loaded when one does. */
function openSes(): ReturnType<typeof loadSes> {
  ses ??= loadSes();
  return ses;
}

async function loadSes() {
  const { SESClient, SendEmailCommand } = await import('@aws-sdk/client-ses');
  const client: SESClient = new SESClient(clientConfig());
  return { SendEmailCommand, client };
}
