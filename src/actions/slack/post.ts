import * as z from 'zod';
import { inPeoplesWords, mayPass } from '#actions/slack/error-words';
import type { Connection } from '#core/connections/connection';
import type { ConnectionKind } from '#core/connections/kinds';
import { ActionRejectedError, ActionUnavailableError } from '#core/errors';
import type { Http, IncomingResponse, OutgoingRequest } from '#core/http';
import { jsonBody, retryAfterSeconds, statusError, textBody } from '#core/provider-answer';

/** What Slack says of a message that it took. */
export const SlackPosted = z.strictObject({
  ok: z.literal(true).describe('Slack took the message.'),
  channel: z.string().optional().describe('Of a bot: the id of the channel.'),
  ts: z.string().optional().describe('Of a bot: names the message within its channel.'),
});
type Posting = Promise<z.input<typeof SlackPosted>>;

/** A message in Slack's own formatting. */
export type SlackMessage = {
  /** Where a bot posts to; an incoming webhook has a channel of its own. */
  readonly channel?: string | undefined;
  readonly text: string;
  readonly blocks?: readonly unknown[] | undefined;
};

/**
 * Posts by a connection of one of `SLACK_KINDS`.
 *
 * @throws ActionRejectedError, ActionUnavailableError
 */
export function postToConnection(
  connection: Connection,
  message: SlackMessage,
  signal: AbortSignal,
): Posting {
  const problem = channelProblem(connection.kind, message.channel);
  if (problem !== undefined) throw new ActionRejectedError(`config.channel: ${problem}`);
  return connection.kind === 'slack_bot'
    ? postAsBot(connection, message, signal)
    : postToWebhook(connection.url ?? '', message, connection.http, signal);
}

/** What is wrong with the channel of a message, by the kind of connection that posts it. */
export function channelProblem(kind: ConnectionKind, channel: unknown): string | undefined {
  const isBot = kind === 'slack_bot';
  if (isBot === (channel !== undefined)) return undefined;
  return isBot
    ? 'A bot needs a channel to post to: give its id, or #name, or the id of a person.'
    : 'An incoming webhook has a channel of its own. Remove it, or use a bot.';
}

/**
 * Posts to an incoming webhook.
 *
 * @throws ActionRejectedError, ActionUnavailableError
 * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export async function postToWebhook(
  url: string,
  { text, blocks }: SlackMessage,
  http: Http,
  signal: AbortSignal,
): Posting {
  const request = jsonPost(url, { text, ...(blocks && { blocks }) });
  const response = await http.send(request, { signal });
  // Webhooks answer with one word as text.
  const word = textBody(response).slice(0, 100).trim();
  if (response.status < 200 || response.status >= 300) throw refusal(response, word);
  if (!word.startsWith('<')) return { ok: true };
  throw new ActionRejectedError(
    `${new URL(url).host} answered with a page, as no webhook does: nothing was posted. Copy the address of the webhook again.`,
  );
}

const Posted = z.object({ ok: z.literal(true), channel: z.string(), ts: z.string() });
const Refused = z.object({ ok: z.literal(false), error: z.string().max(100) });

/** @see https://docs.slack.dev/reference/methods/chat.postMessage */
async function postAsBot(
  connection: Connection,
  { channel, text, blocks }: SlackMessage,
  signal: AbortSignal,
): Posting {
  const base = connection.settings['base_url']?.replace(/\/+$/, '');
  const body = { channel, text, ...(blocks && { blocks }) };
  const request = jsonPost(`${base}/chat.postMessage`, body);
  const response = await connection.http.send(request, { signal });
  const answer = jsonBody(response);
  const posted = Posted.safeParse(answer);
  if (!posted.success) throw refusal(response, Refused.safeParse(answer).data?.error ?? '');
  return posted.data;
}

function jsonPost(url: string, body: unknown): OutgoingRequest {
  return {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
    // Where a POST is redirected it may become a GET, which posts nothing.
    redirects: 0,
  };
}

/** What went wrong, from Slack's word for it. */
function refusal(response: IncomingResponse, word: string): Error {
  const { status, headers } = response;
  const output = { status, error: word };
  if (status === 429 || mayPass(word)) {
    const seconds = retryAfterSeconds(headers);
    const told = 'Slack takes no more messages for now.';
    return new ActionUnavailableError(told, {
      output,
      ...(seconds !== undefined && { retryAfterSeconds: seconds }),
    });
  }
  // To a bot Slack says what is wrong with 200.
  const told = `${inPeoplesWords(word)}${status === 200 ? '' : ` (HTTP status ${status})`}`;
  return statusError(response, told, output);
}
