import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext } from 'playwright-core';
import { afterAll } from 'vitest';

/** Sign-in pages on a loopback port that behave as those of a Cognito user pool. */
export type HostedSignIn = {
  /** What came, as `method path`. */
  readonly requests: readonly string[];
  /** Refuses to renew sessions from now on. */
  endSessions(): void;
  /** Answers for the pool's own domain in a browser. @param domain base URL of the sign-in pages */
  answerFor(domain: string, context: BrowserContext): Promise<void>;
};

type Grant = { readonly challenge: string; readonly redirectUri: string };

/**
 * Starts it; it ends with the test file. Nobody types a password: whoever comes is signed in. A code is good
 * for one use, with the verifier of its challenge; a renewal gives no new refresh token, as Cognito's does not.
 *
 * @param tokens gives an access token to a person who signed in, and how many seconds it says it is good for
 */
export async function startHostedSignIn(options: {
  readonly clientId: string;
  readonly site: string;
  readonly token: () => Promise<string>;
  readonly expiresIn: () => number;
}): Promise<HostedSignIn> {
  const requests: string[] = [];
  const grants = new Map<string, Grant>();
  const sessions = new Set<string>();
  let isEnded = false;

  async function tokenAnswer(form: URLSearchParams): Promise<[number, object]> {
    if (form.get('client_id') !== options.clientId) return [400, { error: 'invalid_client' }];
    const refresh = form.get('refresh_token') ?? randomBytes(16).toString('hex');
    if (form.get('grant_type') === 'refresh_token') {
      if (isEnded || !sessions.has(refresh)) return [400, { error: 'invalid_grant' }];
    } else {
      const code = form.get('code') ?? '';
      const grant = grants.get(code);
      grants.delete(code);
      const verifier = form.get('code_verifier') ?? '';
      const challenge = createHash('sha256').update(verifier).digest('base64url');
      const isProven =
        grant?.challenge === challenge && grant.redirectUri === form.get('redirect_uri');
      if (!isProven) return [400, { error: 'invalid_grant' }];
      sessions.add(refresh);
    }
    const access_token = await options.token();
    return [
      200,
      {
        access_token,
        id_token: access_token,
        token_type: 'Bearer',
        expires_in: options.expiresIn(),
        ...(form.get('grant_type') === 'authorization_code' && { refresh_token: refresh }),
      },
    ];
  }

  /** Where the browser is sent on to; undefined when the request is refused. */
  function redirection({ pathname, searchParams: query }: URL): string | undefined {
    if (query.get('client_id') !== options.clientId) return undefined;
    if (pathname === '/logout') {
      return query.get('logout_uri') === `${options.site}/` ? `${options.site}/` : undefined;
    }
    const redirectUri = query.get('redirect_uri') ?? '';
    const isAllowed =
      redirectUri === `${options.site}/app/signed-in` &&
      query.get('response_type') === 'code' &&
      query.get('code_challenge_method') === 'S256';
    if (!isAllowed) return undefined;
    const code = randomBytes(16).toString('hex');
    grants.set(code, { challenge: query.get('code_challenge') ?? '', redirectUri });
    return `${redirectUri}?${new URLSearchParams({ code, state: query.get('state') ?? '' })}`;
  }

  const server = createServer(async (message, response) => {
    const url = new URL(message.url ?? '/', 'http://localhost');
    requests.push(`${message.method} ${url.pathname}`);
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const headers = { 'access-control-allow-origin': '*', 'content-type': 'application/json' };
    if (url.pathname === '/oauth2/token') {
      const [status, body] = await tokenAnswer(form);
      response.writeHead(status, headers).end(JSON.stringify(body));
    } else if (url.pathname === '/oauth2/revoke') {
      sessions.delete(form.get('token') ?? '');
      response.writeHead(200, headers).end();
    } else {
      const location = redirection(url);
      response.writeHead(location ? 302 : 400, location ? { location } : {}).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  afterAll(() => server.close());
  const { port } = server.address() as AddressInfo;

  return {
    requests,
    endSessions() {
      isEnded = true;
    },
    async answerFor(domain, context) {
      await context.route(`${domain}/**`, async (route) => {
        const request = route.request();
        const { pathname, search } = new URL(request.url());
        const type = await request.headerValue('content-type');
        const answer = await fetch(`http://127.0.0.1:${port}${pathname}${search}`, {
          method: request.method(),
          redirect: 'manual',
          body: request.postDataBuffer(),
          ...(type && { headers: { 'content-type': type } }),
        });
        await route.fulfill({
          status: answer.status,
          headers: Object.fromEntries(answer.headers),
          body: await answer.text(),
        });
      });
    },
  };
}
