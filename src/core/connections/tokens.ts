import * as z from 'zod';
import type { TokenRequest } from '#core/connections/token-request';
import { ActionRejectedError } from '#core/errors';
import type { Http } from '#core/http';
import type { Clock } from '#core/ports';
import { isPassing, jsonBody, statusError } from '#core/provider-answer';

/** A token is not used in its last seconds, in milliseconds: the request takes time. */
const MARGIN_MS = 60_000;

/** Life of a token whose giver does not say, in seconds. */
const UNSAID_SECONDS = 300;

/** Tokens in memory at most. */
const MOST_REMEMBERED = 500;

/** Longest token that is taken: few servers read a header that is longer. */
const MOST_CHARACTERS = 16_384;

const Answer = z.object({
  access_token: z.string().min(1).max(MOST_CHARACTERS),
  token_type: z.string().optional(),
  expires_in: z.coerce.number().positive().optional(),
});

const Refusal = z.object({ error: z.string().regex(/^[\w.-]{1,80}$/) });

/** What the words of RFC 6749, 5.2 mean for a connection, and what to change. */
const WORDS: Readonly<Record<string, string>> = {
  invalid_client:
    'The client ID and its secret do not belong together. Give the connection the right ones.',
  invalid_grant:
    'The refresh token or the key is not valid any more. Give consent again, or make a new key, and give it to the connection. Google ends the tokens of a project in testing after a week.',
  invalid_scope: 'It does not give the scope that is asked for. Change scope, or have it allowed.',
  unauthorized_client:
    'The client may not ask for tokens like this. Have it allowed there; for a subject, by the administrator of its domain.',
};

/** Access tokens, kept until shortly before they expire. */
export type Tokens = {
  /** The token under this name, asked for when there is none. */
  get(
    name: string,
    request: () => TokenRequest,
    options: {
      readonly http: Http;
      readonly signal: AbortSignal;
      readonly onSecret: (secret: string) => void;
    },
  ): Promise<string>;
  /** Lets one go that was refused. */
  forget(name: string, token: string): void;
};

/** Tokens in the memory of this process. */
export function rememberedTokens(clock: Clock): Tokens {
  const known = new Map<string, { readonly token: string; readonly until: number }>();
  return {
    async get(name, request, { http, signal, onSecret }) {
      const found = known.get(name);
      if (found !== undefined && found.until > clock.now()) {
        onSecret(found.token);
        return found.token;
      }
      const asked = request();
      for (const text of asked.toHide) onSecret(text);
      const { access_token, expires_in = UNSAID_SECONDS } = await ask(asked, http, signal);
      onSecret(access_token);
      if (known.size >= MOST_REMEMBERED) known.clear();
      const until = clock.now() + expires_in * 1_000 - MARGIN_MS;
      known.set(name, { token: access_token, until });
      return access_token;
    },
    forget(name, token) {
      if (known.get(name)?.token === token) known.delete(name);
    },
  };
}

async function ask(
  { url, headers, form }: TokenRequest,
  http: Http,
  signal: AbortSignal,
): Promise<z.infer<typeof Answer>> {
  const response = await http.send(
    {
      method: 'POST',
      url,
      headers: {
        ...headers,
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams(form).toString(),
      // Its body is a credential.
      redirects: 0,
    },
    { signal },
  );
  const { host } = new URL(url);
  const body = jsonBody(response);
  const answer = Answer.safeParse(body);
  if (response.status < 300 && answer.success) return answer.data;
  const { error } = Refusal.safeParse(body).data ?? {};
  const word = error === undefined ? '' : ` ("${error}")`;
  if (response.status >= 300) {
    const advice = isPassing(response.status) ? '' : ` ${adviceFor(error)}`;
    const told = `${host} gave no access token: it answered ${response.status}${word}.${advice}`;
    throw statusError(response, told, undefined);
  }
  throw new ActionRejectedError(
    `${host} answered${word} without an access token that fits into a header.`,
  );
}

function adviceFor(word = ''): string {
  const advice = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  return advice ?? 'Check the connection.';
}
