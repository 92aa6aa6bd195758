import { appendFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDoors } from '#local/doors/doors';
import { type Gateway, listen } from '#local/gateway/gateway';
import { createGuards } from '#local/gateway/guards';
import { readHttpApi } from '#local/gateway/routes';
import { type Issuer, openIssuer } from '#local/issuer';
import { openNewest } from '#local/services/newest';
import { openSlackInbox } from '#local/slack-inbox';
import { temporaryDirectory } from '#test/helpers/directories';
import { send } from './http.ts';
import { deploymentOf, httpApiResources } from './template.ts';

const CLAIMS = { issuer: 'http://localhost:3000/local', audience: 'here' };

let gateway: Gateway;
let dataDir: string;
let issuer: Issuer;

beforeEach(async () => {
  dataDir = temporaryDirectory();
  issuer = await openIssuer(dataDir, CLAIMS);
  gateway = await listen(0);
  gateway.open({
    api: readHttpApi(deploymentOf(httpApiResources({}))),
    accountId: '000000000000',
    guards: createGuards(gateway.port, `http://localhost:${gateway.port}`),
    doors: openDoors({
      dataDir,
      url: `http://localhost:${gateway.port}`,
      functions: [],
      s3: 'http://127.0.0.1:1',
      issuer,
      mailbox: openNewest(':memory:', 'mail'),
      events: openNewest(':memory:', 'event'),
      metrics: () => '',
    }),
    invoke: () => Promise.reject(new Error('No route leads here.')),
  });
});
afterEach(() => gateway.close());

const post = (path: string, body: unknown, headers = {}) =>
  send(gateway.port, {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const get = (path: string) => send(gateway.port, { path });

async function claimsOf(request: object) {
  const answer = await post('/local/token', request);
  const { access_token } = answer.json() as { access_token: string };
  const keys = (await get('/local/.well-known/jwks.json')).json();
  const { payload, protectedHeader } = await jwtVerify(
    access_token,
    createLocalJWKSet(keys as never),
    { algorithms: ['RS256'], ...CLAIMS },
  );
  return { payload, protectedHeader };
}

describe('POST /local/token', () => {
  it('gives a real access token for twelve hours', async () => {
    const { payload, protectedHeader } = await claimsOf({ user: 'alice' });

    expect(payload).toEqual({
      sub: 'alice',
      token_use: 'access',
      iss: CLAIMS.issuer,
      aud: CLAIMS.audience,
      iat: expect.any(Number),
      exp: (payload.iat ?? 0) + 12 * 3_600,
    });
    expect(protectedHeader).toMatchObject({ alg: 'RS256', kid: expect.any(String) });
  });

  it('puts e-mail and group of an admin into it', async () => {
    const request = { user: 'auth0|bob', email: 'bob@example.com', plan: 'free', role: 'admin' };

    const { payload } = await claimsOf(request);

    expect(payload).toMatchObject({
      sub: 'auth0|bob',
      email: 'bob@example.com',
      groups: ['admin'],
    });
  });

  it.each([
    ['no JSON', '{', ''],
    ['no object', [], ''],
    ['no user', {}, 'user'],
    ['an empty user', { user: '' }, 'user'],
    ['a user with a space', { user: 'a b' }, 'user'],
    ['a user of 129 characters', { user: 'a'.repeat(129) }, 'user'],
    ['a user that is no text', { user: 5 }, 'user'],
    ['a bad e-mail', { user: 'a', email: 'nobody' }, 'email'],
    ['an unknown plan', { user: 'a', plan: 'gold' }, 'plan'],
    ['an unknown role', { user: 'a', role: 'root' }, 'role'],
    ['a list as role', { user: 'a', role: ['admin'] }, 'role'],
    ['an unknown field', { user: 'a', isAdmin: true }, 'isAdmin'],
    ['an inherited field', '{"user":"a","__proto__":{}}', '__proto__'],
  ])('refuses %s and names the field', async (_, body, path) => {
    const answer = await post('/local/token', body);

    expect(answer.status).toBe(400);
    expect(answer.json()).toEqual({
      error: {
        code: 'invalid_request',
        message: expect.any(String),
        details: { fields: [{ path, message: expect.any(String) }] },
        request_id: expect.any(String),
      },
    });
  });

  it('is not for other pages', async () => {
    const answer = await post('/local/token', { user: 'a' }, { origin: 'https://evil.example' });

    expect(answer.status).toBe(403);
  });
});

describe('the key', () => {
  it('is made once, and only its owner can read it', async () => {
    const again = await openIssuer(dataDir, CLAIMS);

    expect(again.jwks).toEqual(issuer.jwks);
    expect(statSync(join(dataDir, 'issuer-key.pem')).mode & 0o777).toBe(0o600);
  });

  it('is published without its private part', async () => {
    const { keys } = (await get('/local/.well-known/jwks.json')).json() as { keys: object[] };

    expect(keys.map((key) => Object.keys(key).toSorted())).toEqual([
      ['alg', 'e', 'kid', 'kty', 'n', 'use'],
    ]);
  });
});

describe('the Slack look-alike', () => {
  it.each([
    ['text', { text: 'hi' }],
    ['blocks', { blocks: [{ type: 'divider' }] }],
    ['attachments', { attachments: [{ fallback: 'x' }] }],
  ])('keeps a message with %s and answers as Slack does', async (_, payload) => {
    const answer = await post('/local/slack/team', payload, {
      'idempotency-key': 'k1',
      authorization: 'Bearer secret',
    });

    expect(answer).toMatchObject({ status: 200, text: 'ok' });
    const { items } = (await get('/local/slack')).json() as { items: object[] };
    expect(items).toEqual([
      {
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        name: 'team',
        payload,
        headers: expect.objectContaining({ 'idempotency-key': 'k1' }),
      },
    ]);
    expect(JSON.stringify(items)).not.toContain('secret');
  });

  it('takes a form with a payload, too', async () => {
    const answer = await post('/local/slack/a', 'payload=%7B%22text%22%3A%22hi%22%7D', {
      'content-type': 'application/x-www-form-urlencoded',
    });

    expect(answer.text).toBe('ok');
  });

  it.each([
    ['not json', 'invalid_payload'],
    ['[]', 'invalid_payload'],
    ['"text"', 'invalid_payload'],
    ['{}', 'no_text'],
    ['{"text":""}', 'no_text'],
    ['{"other":"x"}', 'no_text'],
  ])('refuses %s with %s', async (body, text) => {
    expect(await post('/local/slack/a', body)).toMatchObject({ status: 400, text });
    expect((await get('/local/slack')).json()).toEqual({ items: [] });
  });

  it('shows the newest first, and forgets all on DELETE', async () => {
    await post('/local/slack/a', { text: '1' });
    await post('/local/slack/b', { text: '2' });

    expect((await get('/local/slack')).json()).toMatchObject({
      items: [{ name: 'b' }, { name: 'a' }],
    });
    const deleted = await send(gateway.port, { method: 'DELETE', path: '/local/slack' });
    expect(deleted.status).toBe(204);
    expect((await get('/local/slack')).json()).toEqual({ items: [] });
  });
});

describe('the inbox', () => {
  const message = (text: string) => ({ at: '', name: 'a', payload: { text }, headers: {} });
  const texts = (inbox: ReturnType<typeof openSlackInbox>) =>
    inbox.newestFirst().map(({ payload }) => payload['text']);

  it('keeps the newest, also when it is opened again', () => {
    const file = join(dataDir, 'inbox.jsonl');
    const inbox = openSlackInbox(file, 3);
    for (const text of ['1', '2', '3', '4', '5', '6', '7', '8']) inbox.keep(message(text));

    expect(texts(inbox)).toEqual(['8', '7', '6']);
    expect(texts(openSlackInbox(file, 3))).toEqual(['8', '7', '6']);
  });

  it('survives half a line at its end', () => {
    const file = join(dataDir, 'inbox.jsonl');
    openSlackInbox(file).keep(message('whole'));
    appendFileSync(file, '{"at":"2026');

    const inbox = openSlackInbox(file);
    inbox.keep(message('next'));

    expect(texts(openSlackInbox(file))).toEqual(['next', 'whole']);
  });
});

it('has no door for counters unless they are counted', async () => {
  expect((await get('/local/operations')).status).toBe(404);
});
