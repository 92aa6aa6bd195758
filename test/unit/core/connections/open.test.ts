import { beforeEach, describe, expect, it } from 'vitest';
import type { StoredConnection } from '#core/connections/connection';
import { type ConnectionKind, connectionKindNames } from '#core/connections/kinds';
import { openConnections } from '#core/connections/open';
import type { Http, IncomingResponse, OutgoingRequest } from '#core/http';
import { handClock } from '#test/helpers/memory-ports';

const ID = `con_${'0'.repeat(26)}`;
const clock = handClock();
let sent: OutgoingRequest[] = [];
let answers: Record<string, (request: OutgoingRequest) => Partial<IncomingResponse>> = {};
let hidden: string[] = [];

beforeEach(() => {
  sent = [];
  answers = {};
  hidden = [];
});

const http: Http = {
  async send(request) {
    sent.push(request);
    const answer = answers[request.url]?.(request) ?? {};
    return { status: 200, headers: {}, body: Buffer.from('{}'), url: request.url, ...answer };
  },
};

function connection(kind: ConnectionKind, secret: object, settings: Record<string, string> = {}) {
  const stored: StoredConnection = {
    id: ID,
    userId: 'alice',
    kind,
    name: 'Theirs',
    settings,
    origins: ['https://api.example.com'],
    sealed: JSON.stringify(secret),
    createdAt: '2026-11-22T09:00:00.000Z',
  };
  const find = async (userId: string, id: string) =>
    userId === 'alice' && id === ID ? stored : undefined;
  const opened = openConnections({
    store: { find },
    secrets: { open: async (sealed) => sealed },
    http,
    clock,
  });
  const open = (userId = 'alice', id = ID, kinds: readonly ConnectionKind[] = [kind], own?: Http) =>
    opened.open(userId, id, kinds, {
      onSecret: (text) => hidden.push(text),
      ...(own && { http: own }),
    });
  return { open };
}

const request = (url: string, headers = {}): OutgoingRequest => ({ method: 'GET', url, headers });
const options = { signal: new AbortController().signal };
const json = (body: unknown) => ({ body: Buffer.from(JSON.stringify(body)) });

describe('a connection', () => {
  it.each([
    ['http_bearer', { token: 'token-123' }, {}, { authorization: 'Bearer token-123' }],
    [
      'http_basic',
      { password: 'päss-word' },
      { username: 'me' },
      { authorization: `Basic ${Buffer.from('me:päss-word').toString('base64')}` },
    ],
    [
      'http_header',
      { value: 'value-123' },
      { header_name: 'X-Api-Key' },
      { 'x-api-key': 'value-123' },
    ],
    ['slack_bot', { token: 'xoxb-1234' }, {}, { authorization: 'Bearer xoxb-1234' }],
    ['resend', { api_key: 're_12345' }, {}, { authorization: 'Bearer re_12345' }],
    ['openai_compatible', { api_key: 'sk-12345' }, {}, { authorization: 'Bearer sk-12345' }],
    ['openai_compatible', {}, {}, {}],
  ] as const)(
    'of the kind %s proves itself by headers',
    async (kind, secret, settings, expected) => {
      const { http: way } = await connection(kind, secret, settings).open();

      await way.send(request('https://api.example.com/x', { Accept: 'text/csv' }), options);

      expect(sent[0]?.headers).toEqual({ Accept: 'text/csv', ...expected });
    },
  );

  it("takes the place of the step's own header of that name", async () => {
    const { http: way } = await connection('http_bearer', { token: 'token-123' }).open();

    await way.send(request('https://api.example.com/x', { AUTHORIZATION: 'other' }), options);

    expect(sent[0]?.headers).toEqual({ authorization: 'Bearer token-123' });
  });

  it.each([
    'https://evil.example/x',
    'https://api.example.com.evil.example/',
    'https://api.example.com:8443/',
    'http://api.example.com/',
    'https://evil.example/?https://api.example.com',
    'https://api.example.com@evil.example/',
    'https://api.example.com%2eevil.example/',
    'nonsense',
  ])('is not sent to %s', async (url) => {
    const { http: way } = await connection('http_bearer', { token: 'token-123' }).open();

    await expect(way.send(request(url), options)).rejects.toThrow(
      'may be used for api.example.com, not for',
    );
    expect(sent).toEqual([]);
  });

  it('uses the way out that the caller brings, for its token too', async () => {
    const theirs: string[] = [];
    const own: Http = {
      async send({ url }) {
        theirs.push(url);
        const body = Buffer.from('{"access_token":"a-token-of-theirs"}');
        return { status: 200, headers: {}, body, url };
      },
    };
    const settings = { token_url: 'https://login.example.com/', client_id: 'x' };
    const { http: way } = await connection(
      'http_oauth2',
      { client_secret: 'abcdefgh' },
      settings,
    ).open('alice', ID, connectionKindNames, own);

    await way.send(request('https://api.example.com/x'), options);

    expect(theirs).toEqual(['https://login.example.com/', 'https://api.example.com/x']);
    expect(sent).toEqual([]);
  });

  it.each([
    ['bob', ID, 'There is no connection con_'],
    ['alice', `con_${'1'.repeat(26)}`, 'There is no connection con_'],
    ['alice', '../../etc', 'There is no connection of this id'],
  ])('of %s with the id %s is not there', async (userId, id, message) => {
    await expect(connection('http_bearer', {}).open(userId, id)).rejects.toThrow(message);
  });

  it('of another kind does not fit', async () => {
    const opening = connection('resend', { api_key: 're_12345' }).open('alice', ID, ['slack_bot']);

    await expect(opening).rejects.toThrow('is of the kind Resend; this needs Slack bot.');
  });

  it.each([
    ['http_bearer', { token: 'token-123' }, ['token-123']],
    [
      'http_basic',
      { password: 'password-1' },
      ['password-1', Buffer.from('me:password-1').toString('base64')],
    ],
    [
      'slack_webhook',
      { url: 'https://hooks.example/services/T0/B0/abcdefgh' },
      ['https://hooks.example/services/T0/B0/abcdefgh', '/services/T0/B0/abcdefgh', 'abcdefgh'],
    ],
  ] as const)('of the kind %s says what to hide', async (kind, secret, expected) => {
    await connection(kind, secret, { username: 'me' }).open('alice', ID, connectionKindNames);

    expect(hidden).toEqual(expected);
  });
});

describe('an OAuth 2 connection', () => {
  const TOKEN_URL = 'https://login.example.com/token';
  const API = 'https://api.example.com/me';
  const settings = { token_url: TOKEN_URL, client_id: 'id:1', scope: 'read', client_auth: 'basic' };
  const oauth = () => connection('http_oauth2', { client_secret: 'secret/1+2' }, settings);
  const urls = () => sent.map(({ url }) => url);

  it('asks for a token once, and uses it until it expires', async () => {
    answers[TOKEN_URL] = () => json({ access_token: 'first-token', expires_in: 3_600 });
    const { http: way } = await oauth().open();

    await way.send(request(API), options);
    await way.send(request(API), options);
    clock.advance(3_600_000);
    await way.send(request(API), options);

    expect(urls()).toEqual([TOKEN_URL, API, API, TOKEN_URL, API]);
    expect(sent[1]?.headers).toEqual({ authorization: 'Bearer first-token' });
    expect(hidden).toContain('first-token');
    const form = new URLSearchParams(String(sent[0]?.body));
    expect(Object.fromEntries(form)).toEqual({ grant_type: 'client_credentials', scope: 'read' });
    const basic = Buffer.from('id%3A1:secret%2F1%2B2').toString('base64');
    expect(sent[0]).toMatchObject({ redirects: 0, headers: { authorization: `Basic ${basic}` } });
    expect(hidden).toContain(basic);
  });

  it('proves itself in the body where that is asked for', async () => {
    answers[TOKEN_URL] = () => json({ access_token: 'first-token' });
    const inBody = { ...settings, client_auth: 'body' };
    const { http: way } = await connection(
      'http_oauth2',
      { client_secret: 'abcdefgh' },
      inBody,
    ).open();

    await way.send(request(API), options);

    expect(Object.fromEntries(new URLSearchParams(String(sent[0]?.body)))).toMatchObject({
      client_id: 'id:1',
      client_secret: 'abcdefgh',
    });
    expect(sent[0]?.headers).not.toHaveProperty('authorization');
  });

  it('asks for a fresh token once when one is refused', async () => {
    let given = 0;
    answers[TOKEN_URL] = () => {
      given += 1;
      return json({ access_token: `token-${given}-given`, expires_in: 3_600 });
    };
    answers[API] = ({ headers }) => ({
      status: headers['authorization'] === 'Bearer token-2-given' ? 200 : 401,
    });
    const { http: way } = await oauth().open();

    const response = await way.send(request(API), options);

    expect(response.status).toBe(200);
    expect(urls()).toEqual([TOKEN_URL, API, TOKEN_URL, API]);
  });

  it.each([
    [
      401,
      { error: 'invalid_client' },
      'it answered 401 ("invalid_client"). The client ID and its secret do not belong together.',
    ],
    [400, { error: '<b>secret/1+2</b>' }, 'it answered 400. Check the connection.'],
    [503, {}, 'it answered 503.'],
    [200, { nothing: true }, 'without an access token'],
  ])('says when no token is given: %i', async (status, body, message) => {
    answers[TOKEN_URL] = () => ({ status, ...json(body) });
    const { http: way } = await oauth().open();

    await expect(way.send(request(API), options)).rejects.toThrow(message);
    expect(urls()).toEqual([TOKEN_URL]);
  });
});
