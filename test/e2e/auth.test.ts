import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { send } from '#test/helpers/api-client';
import { pathWith, routes } from '#test/helpers/operations';
import { startProduct } from '#test/helpers/product';

const product = await startProduct();
const good = await product.token('alice');
const claims = decodeJwt(good);
const header = decodeProtectedHeader(good) as { alg: string; kid: string };
const issuerKey = createPrivateKey(readFileSync(join(product.dataDir, 'issuer-key.pem'), 'utf8'));
const publicKey = createPublicKey(issuerKey);
const [head = '', body = '', signature = ''] = good.split('.');
const otherKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

/** A token of the issuer, with some claims changed; `undefined` removes one. */
function forge(
  changes: Record<string, unknown> = {},
  key: KeyObject | Uint8Array = issuerKey,
  changedHeader: Record<string, string> = {},
): Promise<string> {
  const payload = { ...claims, ...changes };
  return new SignJWT(payload).setProtectedHeader({ ...header, ...changedHeader }).sign(key);
}

function hmacWith(secret: string | Buffer): Promise<string> {
  return forge({}, Buffer.from(secret), { alg: 'HS256' });
}

/** The good token under another header. */
function withHeader(changed: object): string {
  return [Buffer.from(JSON.stringify(changed)).toString('base64url'), body, signature].join('.');
}

/** Signed by a key that the token itself brings along. */
function withOwnKey(): Promise<string> {
  const jwk = createPublicKey(otherKey).export({ format: 'jwk' });
  return new SignJWT(claims).setProtectedHeader({ ...header, jwk }).sign(otherKey);
}

const hour = 3_600;
const now = Math.floor(Date.now() / 1_000);
const changedBody = Buffer.from(JSON.stringify({ ...claims, sub: 'bob' })).toString('base64url');

const badTokens: Record<string, string> = {
  'alg none': new UnsecuredJWT(claims).encode(),
  'alg none, in the header of a good one': withHeader({ alg: 'none' }),
  'alg nOnE': withHeader({ alg: 'nOnE' }),
  'HS256 with the public key as PEM': await hmacWith(
    publicKey.export({ type: 'spki', format: 'pem' }),
  ),
  'HS256 with the public key as DER': await hmacWith(
    publicKey.export({ type: 'spki', format: 'der' }),
  ),
  'HS256 with the modulus': await hmacWith(String(publicKey.export({ format: 'jwk' }).n)),
  'another key under the same id': await forge({}, otherKey),
  'an unknown key id': await forge({}, otherKey, { kid: 'unknown' }),
  'a key of its own': await withOwnKey(),
  'the address of a key of its own': await forge({}, otherKey, {
    jku: 'https://evil.example/jwks.json',
    x5u: 'https://evil.example/certificate.pem',
  }),
  'another issuer': await forge({ iss: 'https://issuer.example' }),
  'no issuer': await forge({ iss: undefined }),
  'another audience': await forge({ aud: 'another-product' }),
  'no audience': await forge({ aud: undefined }),
  expired: await forge({ iat: now - 2 * hour, exp: now - hour }),
  'expired a second ago': await forge({ iat: now - hour, exp: now - 1 }),
  'not valid yet': await forge({ nbf: now + hour }),
  'an ID token': await forge({ token_use: 'id' }),
  'an ID token of another issuer kind': await forge({ token_use: undefined, nonce: 'n' }),
  'no user': await forge({ sub: undefined }),
  'a list of users': await forge({ sub: ['alice'] }),
  'a user with a separator in it': await forge({ sub: 'alice#agt' }),
  'a changed user': `${head}.${changedBody}.${signature}`,
  'no signature': `${head}.${body}.`,
  'a cut signature': good.slice(0, -4),
  nonsense: 'a.b.c',
};

const protectedRoutes = routes.filter(({ isPublic }) => !isPublic);
const ids = { agent: 'agt_00000000000000000000000000', run: 'run_00000000000000000000000000' };

function call(method: string, path: string, headers: Record<string, string>) {
  const content = method === 'POST' || method === 'PATCH' ? {} : undefined;
  return send(`${product.url}${pathWith(path, ids)}`, method, content, { headers });
}

describe('T-4: a token', () => {
  it.each([
    ['GET', 'Bearer'],
    ['HEAD', 'bearer'],
  ])('of the issuer is taken: %s, %s', async (method, scheme) => {
    const authorization = `${scheme} ${await forge()}`;
    const answer = await call(method, '/api/agents', { authorization });

    expect(answer.status).toBe(200);
  });

  it.each(Object.entries(badTokens))('with %s is refused', async (_, token) => {
    const { status, body } = await call('GET', '/api/agents', { authorization: `Bearer ${token}` });

    expect(status).toBe(401);
    expect(body).toEqual({
      error: {
        code: 'unauthorized',
        message: expect.stringMatching(/access token/),
        request_id: expect.any(String),
      },
    });
  });

  it.each([
    ['no Authorization', {}],
    ['an empty one', { authorization: '' }],
    ['Basic', { authorization: `Basic ${good}` }],
    ['the bare token', { authorization: good }],
    ['two tokens', { authorization: `Bearer ${good} ${good}` }],
    ['the token as a cookie', { cookie: `access_token=${good}` }],
  ])('is needed: %s is refused', async (_, headers) => {
    expect((await call('GET', '/api/agents', headers as Record<string, string>)).status).toBe(401);
  });

  it('in the query is refused', async () => {
    const path = `/api/agents?access_token=${good}`;

    expect((await send(`${product.url}${path}`, 'GET')).status).toBe(401);
  });

  it.each(protectedRoutes)('is needed for $method $path', async ({ method, path }) => {
    const forged = await forge({}, otherKey);

    expect((await call(method, path, {})).status).toBe(401);
    expect((await call(method, path, { authorization: `Bearer ${forged}` })).status).toBe(401);
  });

  it.each(routes.filter(({ isPublic }) => isPublic))(
    'is not needed for $method $path',
    async ({ method, path }) => {
      const { status, body } = await call(method, path, {});

      // What such a door needs instead may be missing here, but it is not this token.
      expect([200, 400, 401, 404, 422]).toContain(status);
      expect(JSON.stringify(body?.error ?? '')).not.toMatch(/bearer|access token/i);
    },
  );

  it('is not needed to ask how the product is', async () => {
    const { body } = await call('GET', '/api/health', {});

    expect((await call('HEAD', '/api/health', {})).status).toBe(200);
    expect(body).toMatchObject({ status: 'ok', version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
  });
});
