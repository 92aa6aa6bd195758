import type { ConnectionTestView } from '#core/api/connection';
import type { Connection, Connections } from '#core/connections/connection';
import { type ConnectionKind, connectionKindNames } from '#core/connections/kinds';
import { ActionRejectedError, ActionUnavailableError } from '#core/errors';
import type { IncomingResponse, OutgoingRequest } from '#core/http';
import { createMasker } from '#core/masking';
import { isPassing, jsonBody, textBody } from '#core/provider-answer';

/** A small right, for asking whether a Google credential works at all. */
const GOOGLE_SCOPES = ['https://www.googleapis.com/auth/spreadsheets'];

/**
 * Tries a connection's credential without doing anything with it.
 *
 * @throws RequestError never; what goes wrong is the answer
 */
export async function testConnection(
  userId: string,
  id: string,
  connections: Connections,
  signal: AbortSignal,
): Promise<ConnectionTestView> {
  const masker = createMasker();
  try {
    const connection = await connections.open(userId, id, connectionKindNames, {
      onSecret: masker.add,
      scopes: GOOGLE_SCOPES,
    });
    return masker.masked(await probes[connection.kind](connection, signal));
  } catch (error) {
    const isTold = error instanceof ActionRejectedError || error instanceof ActionUnavailableError;
    if (!isTold) throw masker.masked(error);
    return masker.masked({ ok: false, message: error.message });
  }
}

type Probe = (connection: Connection, signal: AbortSignal) => Promise<ConnectionTestView>;

const readingTestUrl: Probe = async (connection, signal) => {
  const { test_url } = connection.settings;
  if (test_url !== undefined) {
    const response = await connection.http.send(get(test_url), { signal });
    return judged(response.status, hostOf(test_url));
  }
  return {
    ok: null,
    message: 'The credential was stored. Give the connection a test_url to have it tried.',
  };
};

const probes: Readonly<Record<ConnectionKind, Probe>> = {
  async slack_bot(connection, signal) {
    const url = `${trimmed(connection.settings['base_url'] ?? '')}/auth.test`;
    const request = { method: 'POST', url, headers: { 'content-type': 'application/json' } };
    const response = await connection.http.send({ ...request, body: '{}' }, { signal });
    if (isPassing(response.status)) return judged(response.status, hostOf(url));
    const answer = Object(jsonBody(response)) as Record<string, unknown>;
    if (answer['ok'] !== true) {
      return failed(
        `Slack answered ${word(answer['error'])}. Give it a current bot token (xoxb-…).`,
      );
    }
    const scopes = response.headers['x-oauth-scopes']?.split(/[\s,]+/);
    if (scopes !== undefined && !scopes.includes('chat:write')) {
      return failed('Slack knows it, but it may not post: give the app the scope chat:write.');
    }
    return works(`Slack knows it as ${name(answer['user'])} in ${name(answer['team'])}.`);
  },
  async slack_webhook(connection, signal) {
    // An empty message is refused by a webhook that works, and posts nothing.
    const { url = '' } = connection;
    const request = { method: 'POST', url, headers: { 'content-type': 'application/json' } };
    const response = await connection.http.send({ ...request, body: '{}' }, { signal });
    if (isPassing(response.status)) return judged(response.status, hostOf(url));
    const text = textBody(response).trim();
    const isKnown = ['no_text', 'invalid_payload', 'missing_text_or_fallback_or_attachments'];
    return isKnown.includes(text)
      ? works('Slack knows the webhook.')
      : failed(
          `Slack answered ${response.status} ${word(text)}. Copy the address of the webhook again, or make a new one.`,
        );
  },
  async resend(connection, signal) {
    const url = `${trimmed(connection.settings['base_url'] ?? '')}/domains`;
    const response = await connection.http.send(get(url), { signal });
    const answer = Object(jsonBody(response)) as Record<string, unknown>;
    // A key that may do nothing but send is the best one for us.
    if (answer['name'] === 'restricted_api_key') return works('The key may send.');
    // It says so with 400.
    if (/api key is invalid/i.test(String(answer['message']))) return judged(401, hostOf(url));
    return judgedService(response, hostOf(url));
  },
  async sendgrid(connection, signal) {
    const url = `${trimmed(connection.settings['base_url'] ?? '')}/v3/scopes`;
    const response = await connection.http.send(get(url), { signal });
    const { scopes } = Object(jsonBody(response)) as Record<string, unknown>;
    if (Array.isArray(scopes) && !scopes.includes('mail.send')) {
      return failed('SendGrid knows the key, but it may not send: give it Mail Send.');
    }
    return judgedService(response, hostOf(url));
  },
  http_bearer: readingTestUrl,
  http_basic: readingTestUrl,
  http_header: readingTestUrl,
  http_oauth2: gettingToken,
  google_service_account: gettingToken,
  google_oauth: gettingToken,
  async openai_compatible(connection, signal) {
    const url = `${trimmed(connection.settings['base_url'] ?? '')}/models`;
    return judgedService(await connection.http.send(get(url), { signal }), hostOf(url));
  },
  async ses_identity(connection, signal) {
    const { base_url, region } = connection.settings;
    const url = `${trimmed(base_url ?? `https://email.${region}.amazonaws.com`)}/v2/email/account`;
    const response = await connection.http.send(get(url), { signal });
    if (isMerelyDenied(response)) {
      return works('Amazon SES knows the key. It may not ses:GetAccount, so no more can be said.');
    }
    const account = Object(jsonBody(response)) as Record<string, unknown>;
    if (account['SendingEnabled'] === false) {
      return failed('Amazon SES has paused sending for the account. See to it in its console.');
    }
    if (account['ProductionAccessEnabled'] === false) {
      return works('Amazon SES knows it, in its sandbox: it sends to verified addresses only.');
    }
    return judgedService(response, hostOf(url));
  },
};

/** A key that may do nothing but send is the best one; AWS denies only whom it knows. */
function isMerelyDenied({ status, headers }: IncomingResponse): boolean {
  return status === 403 && /^AccessDenied/.test(headers['x-amzn-errortype'] ?? '');
}

/** A token is given before any request is sent. */
async function gettingToken(
  connection: Connection,
  signal: AbortSignal,
): Promise<ConnectionTestView> {
  await connection.authorize?.(signal);
  if (connection.settings['test_url'] !== undefined) return readingTestUrl(connection, signal);
  return works('An access token was given.');
}

/** Services answer with JSON; a page in its place is another server's. */
function judgedService(response: IncomingResponse, host: string): ConnectionTestView {
  const isPage = response.status < 300 && typeof jsonBody(response) !== 'object';
  if (isPage) return failed(`${host} answered, but not as the service does. Check base_url.`);
  return judged(response.status, host);
}

function judged(status: number, host: string): ConnectionTestView {
  if (status >= 200 && status < 300) return works(`${host} answered ${status}.`);
  if (status === 401 || status === 403) {
    return failed(`${host} answered ${status}: the credential is wrong, or may not do this.`);
  }
  const advice = isPassing(status) ? 'try again later' : 'check the address, and the settings';
  return failed(`${host} answered ${status}: ${advice}.`);
}

function hostOf(url: string): string {
  return new URL(url).host;
}

function works(message: string): ConnectionTestView {
  return { ok: true, message };
}

function failed(message: string): ConnectionTestView {
  return { ok: false, message };
}

function get(url: string): OutgoingRequest {
  return { method: 'GET', url, headers: { accept: 'application/json' } };
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, '');
}

/** Words of a provider's own vocabulary, and no other text. */
function word(text: unknown): string {
  return typeof text === 'string' && /^[\w.-]{1,60}$/.test(text) ? `"${text}"` : 'something else';
}

function name(text: unknown): string {
  return typeof text === 'string' ? text.slice(0, 80) : 'somebody';
}
