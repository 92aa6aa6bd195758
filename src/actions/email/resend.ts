import * as z from 'zod';
import { endpoint, type Message, notTheProvider, type Send } from '#actions/email/message';
import type { IncomingResponse } from '#core/http';
import { jsonBody, statusError } from '#core/provider-answer';

/** What Resend's error names mean, and what to change. */
const words: Readonly<Record<string, string>> = {
  concurrent_idempotent_requests: 'It is still busy with the attempt before.',
  daily_quota_exceeded: "The account's e-mails of today are used up.",
  invalid_access: 'The API key may not do this. Make a new connection with one that may send.',
  invalid_api_key: 'The API key is not valid. Make a new connection with a current one.',
  invalid_from_address: "The connection's from is no address that Resend takes.",
  invalid_idempotent_request: 'The step has changed since its first attempt.',
  missing_api_key: 'The connection has no API key. Make a new one.',
  monthly_quota_exceeded: "The account's e-mails of this month are used up.",
  not_found: 'There is no such template.',
  rate_limit_exceeded: 'It takes no more e-mails this second.',
  missing_required_field: 'Something that Resend needs is not there; its message says what.',
  restricted_api_key: 'The API key may not send. Make a new connection with one that may.',
  suspended_api_key: 'The API key is suspended.',
  testing: 'Until a domain is verified there, it sends to your own address only. Verify one.',
  validation_error: 'Check the addresses, and that the domain of from is verified there.',
};

const Sent = z.object({ id: z.string() });
const Refusal = z.object({ name: z.string().regex(/^[a-z_]{1,60}$/), message: z.string() });

/** @see https://resend.com/docs/api-reference/emails/send-email */
export const sendByResend: Send = async (message, connection, signal) => {
  const response = await connection.http.send(
    {
      method: 'POST',
      url: endpoint(connection, '/emails'),
      headers: {
        'content-type': 'application/json',
        'idempotency-key': message.idempotencyKey,
      },
      body: JSON.stringify(bodyOf(message, connection.settings['from'] ?? '')),
    },
    { signal },
  );
  if (response.status >= 300) throw refusal(response);
  const sent = Sent.safeParse(jsonBody(response));
  if (!sent.success) throw notTheProvider('Resend', response);
  return sent.data.id;
};

function bodyOf({ to, cc, subject, content }: Message, from: string) {
  return {
    from,
    to,
    ...(cc.length > 0 && { cc }),
    ...(subject !== '' && { subject }),
    ...('templateId' in content
      ? { template: { id: content.templateId, variables: content.data } }
      : content),
  };
}

/** What it says under a name that means several things. */
const SENTENCES: readonly (readonly [said: RegExp, name: string])[] = [
  [/api key is invalid/i, 'invalid_api_key'],
  [/testing emails/i, 'testing'],
];

function refusal(response: IncomingResponse): Error {
  const told = Refusal.safeParse(jsonBody(response)).data;
  const name = told?.name ?? '';
  const meant = SENTENCES.find(([said]) => said.test(told?.message ?? ''))?.[1] ?? name;
  const meaning = Object.hasOwn(words, meant) ? ` ${words[meant]}` : '';
  const message = `Resend answered ${response.status}${name && ` ("${name}")`}.${meaning}`;
  const status = name === 'concurrent_idempotent_requests' ? 503 : response.status;
  const output = { status: response.status, ...told };
  return statusError({ ...response, status }, message, output);
}
