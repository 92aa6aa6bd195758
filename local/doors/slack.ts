import type { IncomingHttpHeaders } from 'node:http';
import type { GatewayAnswer } from '#local/gateway/answer';
import { json } from '#local/gateway/answer';
import type { Door } from '#local/gateway/site';
import { jsonObject } from '#local/json-object';
import type { SlackInbox } from '#local/slack-inbox';

/** Headers that are not kept: they may hold a credential. */
const SECRET_HEADERS = new Set(['authorization', 'cookie', 'proxy-authorization']);

/**
 * `POST /local/slack/{name}` takes what a Slack incoming webhook takes, and answers as it does; below
 * `/local/slack/api/` two methods of Slack's Web API do, for any token that looks like a bot's.
 * `GET /local/slack` shows what came, newest first; `DELETE /local/slack` forgets it.
 */
export function slackDoors(inbox: SlackInbox): Door[] {
  return [
    {
      method: 'POST',
      path: /^\/local\/slack\/(?<name>[A-Za-z0-9_.-]{1,64})$/,
      answer({ parameters, headers, body }) {
        const payload = parsePayload(body.toString(), headers['content-type'] ?? '');
        if (!payload) return slackAnswer(400, 'invalid_payload');
        if (!SHOWN_FIELDS.some((field) => hasContent(payload[field])))
          return slackAnswer(400, 'no_text');
        inbox.keep({
          at: new Date().toISOString(),
          name: parameters['name'] ?? '',
          payload,
          headers: keptHeaders(headers),
        });
        return slackAnswer(200, 'ok');
      },
    },
    {
      method: 'POST',
      path: /^\/local\/slack\/api\/auth\.test$/,
      answer: ({ headers }) =>
        json(200, isBot(headers) ? { ok: true, user: 'agents', team: 'This machine' } : NOT_AUTHED),
    },
    {
      method: 'POST',
      path: /^\/local\/slack\/api\/chat\.postMessage$/,
      answer({ headers, body }) {
        if (!isBot(headers)) return json(200, NOT_AUTHED);
        const payload = parsePayload(body.toString(), headers['content-type'] ?? '') ?? {};
        const { channel } = payload;
        if (typeof channel !== 'string' || channel === '') {
          return json(200, { ok: false, error: 'channel_not_found' });
        }
        if (!SHOWN_FIELDS.some((field) => hasContent(payload[field]))) {
          return json(200, { ok: false, error: 'no_text' });
        }
        const at = new Date();
        const shown = keptHeaders(headers);
        inbox.keep({ at: at.toISOString(), name: channel, payload, headers: shown });
        return json(200, { ok: true, channel, ts: (at.getTime() / 1_000).toFixed(6) });
      },
    },
    {
      method: 'GET',
      path: /^\/local\/slack$/,
      answer: () => json(200, { items: inbox.newestFirst() }),
    },
    {
      method: 'DELETE',
      path: /^\/local\/slack$/,
      answer() {
        inbox.clear();
        return { status: 204, headers: {}, body: '' };
      },
    },
  ];
}

const NOT_AUTHED = { ok: false, error: 'not_authed' };

function isBot({ authorization }: IncomingHttpHeaders): boolean {
  return authorization?.startsWith('Bearer xoxb-') === true;
}

/** A message needs one of these. */
const SHOWN_FIELDS = ['text', 'blocks', 'attachments'];

function hasContent(value: unknown): boolean {
  return (typeof value === 'string' || Array.isArray(value)) && value.length > 0;
}

/** Slack takes JSON, and a form whose field `payload` holds JSON. */
function parsePayload(body: string, contentType: string): Record<string, unknown> | undefined {
  const isForm = contentType.startsWith('application/x-www-form-urlencoded');
  const text = (isForm ? new URLSearchParams(body).get('payload') : undefined) ?? body;
  return jsonObject(text);
}

function keptHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !SECRET_HEADERS.has(name))
      .map(([name, value]) => [name, String(value)]),
  );
}

function slackAnswer(status: number, text: string): GatewayAnswer {
  return { status, headers: { 'content-type': 'text/html' }, body: text };
}
