import * as z from 'zod';
import { type Message, notTheProvider, type Send } from '#actions/email/message';
import { ActionUnavailableError } from '#core/errors';
import type { IncomingResponse } from '#core/http';
import { jsonBody, retryAfterSeconds, statusError } from '#core/provider-answer';

/** What SES's error types mean, and what to change. */
const words: Readonly<Record<string, string>> = {
  AccessDeniedException:
    'The access key may not send. Allow it ses:SendEmail for the sender, and for the template where one is used.',
  AccountSuspendedException: 'Amazon has suspended sending for the account.',
  BadRequestException: "Check the addresses, and the template's data; its message says more.",
  InvalidSignatureException: 'The secret access key is not the one of the access key.',
  LimitExceededException: "The account's e-mails of the day are used up.",
  MailFromDomainNotVerifiedException: 'The MAIL FROM domain of the sender is not verified.',
  MessageRejected:
    'Verify the sender in Amazon SES; in its sandbox the recipients too, or ask AWS for production access.',
  NotFoundException: 'There is no such template.',
  SendingPausedException: 'Sending is paused for the account; see to it in the SES console.',
  SignatureDoesNotMatch: 'The secret access key is not the one of the access key.',
  UnrecognizedClientException: 'The access key is not known. Make a new connection.',
};

const Sent = z.object({ MessageId: z.string() });
const Refusal = z.object({ message: z.string() });

/** By the user's own SES account. @see https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html */
export const sendBySes: Send = async (message, connection, signal) => {
  const { base_url, region, from = '' } = connection.settings;
  const base = base_url?.replace(/\/+$/, '') ?? `https://email.${region}.amazonaws.com`;
  const response = await connection.http.send(
    {
      method: 'POST',
      url: `${base}/v2/email/outbound-emails`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(bodyOf(message, from)),
    },
    { signal },
  );
  if (response.status >= 300) throw refusal(response);
  const sent = Sent.safeParse(jsonBody(response));
  if (!sent.success) throw notTheProvider('Amazon SES', response);
  return sent.data.MessageId;
};

function bodyOf({ to, cc, subject, content }: Message, from: string) {
  const text = (Data: string) => ({ Data, Charset: 'UTF-8' });
  return {
    FromEmailAddress: from,
    Destination: { ToAddresses: to, ...(cc.length > 0 && { CcAddresses: cc }) },
    Content:
      'templateId' in content
        ? {
            Template: {
              TemplateName: content.templateId,
              TemplateData: JSON.stringify(content.data),
            },
          }
        : {
            Simple: {
              Subject: text(subject),
              Body: {
                Text: text(content.text),
                ...(content.html !== undefined && { Html: text(content.html) }),
              },
            },
          },
  };
}

function refusal(response: IncomingResponse): Error {
  const { status, headers } = response;
  const type = /^\w{1,60}/.exec(headers['x-amzn-errortype'] ?? '')?.[0] ?? '';
  const meaning = Object.hasOwn(words, type) ? ` ${words[type]}` : '';
  const told = `Amazon SES answered ${status}${type && ` (${type})`}.${meaning}`;
  const message = Refusal.safeParse(jsonBody(response)).data?.message.slice(0, 500);
  const output = { status, ...(type && { type }), ...(message && { message }) };
  // Too many in a second or a day, which SES answers with 400.
  if (!/^(TooManyRequests|Throttling|LimitExceeded)/.test(type)) {
    return statusError(response, told, output);
  }
  const seconds = retryAfterSeconds(headers);
  return new ActionUnavailableError(told, {
    output,
    ...(seconds !== undefined && { retryAfterSeconds: seconds }),
  });
}
