import * as z from 'zod';
import { endpoint, type Message, notTheProvider, type Send } from '#actions/email/message';
import type { IncomingResponse } from '#core/http';
import { jsonBody, statusError } from '#core/provider-answer';

const Refusal = z.object({
  errors: z.array(z.object({ message: z.string(), field: z.string().nullish() })),
});

/** What SendGrid's statuses mean, and what to change. */
const words: Readonly<Record<number, string>> = {
  400: 'Check the addresses, the template, and that the sender is verified there.',
  401: 'The API key is not valid. Make a new connection with a current one.',
  403: 'The API key may not send, or the sender is not verified there.',
  413: 'The e-mail is too large. Make it shorter.',
  429: 'It takes no more e-mails for now.',
};

/** @see https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send */
export const sendBySendGrid: Send = async (message, connection, signal) => {
  const response = await connection.http.send(
    {
      method: 'POST',
      url: endpoint(connection, '/v3/mail/send'),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(bodyOf(message, connection.settings['from'] ?? '')),
    },
    { signal },
  );
  if (response.status >= 300) throw refusal(response);
  if (response.status !== 202) throw notTheProvider('SendGrid', response);
  return response.headers['x-message-id'] ?? '';
};

function bodyOf({ to, cc, subject, content }: Message, from: string) {
  const slots = (addresses: readonly string[]) => addresses.map((email) => ({ email }));
  return {
    from: sender(from),
    personalizations: [
      {
        to: slots(to),
        ...(cc.length > 0 && { cc: slots(cc) }),
        ...('templateId' in content && { dynamic_template_data: content.data }),
      },
    ],
    ...(subject !== '' && { subject }),
    ...('templateId' in content
      ? { template_id: content.templateId }
      : {
          content: [
            { type: 'text/plain', value: content.text },
            ...(content.html === undefined ? [] : [{ type: 'text/html', value: content.html }]),
          ],
        }),
  };
}

/** `Name <address>` in two. */
function sender(from: string): { email: string; name?: string } {
  const start = from.lastIndexOf('<');
  if (start === -1 || !from.endsWith('>')) return { email: from };
  const name = from.slice(0, start).trim();
  return { email: from.slice(start + 1, -1), ...(name !== '' && { name }) };
}

function refusal(response: IncomingResponse): Error {
  const { status } = response;
  const errors = Refusal.safeParse(jsonBody(response)).data?.errors ?? [];
  const fields = errors.flatMap(({ field }) => (field ? [field.slice(0, 60)] : [])).join(', ');
  const meaning = words[status] === undefined ? '' : ` ${words[status]}`;
  const told = `SendGrid answered ${status}${fields && ` (${fields})`}.${meaning}`;
  const headers = { ...untilReset(response), ...response.headers };
  return statusError({ status, headers }, told, { status, errors: errors.slice(0, 10) });
}

/**
 * SendGrid says when it takes more, in epoch seconds, where others say how long to wait.
 *
 * @see https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits
 */
function untilReset({ headers }: IncomingResponse): IncomingResponse['headers'] {
  const reset = headers['x-ratelimit-reset'] ?? '';
  if (!/^\d{1,11}$/.test(reset)) return {};
  return { 'retry-after': new Date(Number(reset) * 1_000).toUTCString() };
}
