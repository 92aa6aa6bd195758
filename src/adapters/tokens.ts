import { CognitoJwtVerifier, JwtVerifier } from 'aws-jwt-verify';
import { FetchError, JwtBaseError } from 'aws-jwt-verify/error';
import { RequestError } from '#core/errors';
import { isEmailAddress } from '#core/mail/mail';
import { SYSTEM_USER } from '#core/system';
import { isUserId } from '#core/user-id';

/** Who calls the API. */
export type Caller = {
  readonly userId: string;
  readonly isAdmin: boolean;
  /** The e-mail address in lower case, when sign-in has verified it. */
  readonly email?: string;
  /** Which API key the call was made with; absent for whoever has signed in. */
  readonly apiKeyId?: string;
};

/** Where tokens come from: an OIDC issuer, or Cognito when no issuer is given. */
export type TokenSource = {
  readonly oidcIssuer: string;
  readonly oidcAudience: string;
  /** The issuer's key set itself; empty means that it is fetched from the issuer. */
  readonly oidcJwks: string;
  readonly cognitoUserPoolId: string;
  readonly cognitoClientId: string;
};

/** Checks the `Authorization` header. @throws RequestError `unauthorized` */
export type Authenticate = (authorization: string | undefined) => Promise<Caller>;

/** Verifies access tokens: signature, issuer, audience or client, expiry, use. */
export function tokenVerifier(source: TokenSource): Authenticate {
  const verify = source.oidcIssuer === '' ? cognito(source) : oidc(source);
  return async (authorization) => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) {
      throw unauthorized('Send an access token or an API key: Authorization: Bearer <token>.');
    }
    const claims = await verify(token).catch((error: unknown) => {
      if (error instanceof FetchError) {
        throw new RequestError('unavailable', 'Sign-in cannot be checked right now. Try again.', {
          cause: error,
          retryAfterSeconds: 5,
        });
      }
      // A time that no calendar has is told by a RangeError.
      if (!(error instanceof JwtBaseError || error instanceof RangeError)) throw error;
      throw unauthorized('The access token is not valid or has expired. Sign in again.', error);
    });
    // Nobody signs in as the owner of the product's own automations.
    if (!isUserId(claims.sub) || claims.sub === SYSTEM_USER) {
      throw unauthorized('The access token names no user.');
    }
    const email = verifiedEmail(claims);
    return { userId: claims.sub, isAdmin: isAdmin(claims), ...(email !== undefined && { email }) };
  };
}

type Claims = { readonly sub?: unknown; readonly [name: string]: unknown };

function cognito(source: TokenSource): (token: string) => Promise<Claims> {
  const verifier = CognitoJwtVerifier.create({
    userPoolId: source.cognitoUserPoolId,
    clientId: source.cognitoClientId,
    tokenUse: 'access',
  });
  return (token) => verifier.verify(token);
}

function oidc(source: TokenSource): (token: string) => Promise<Claims> {
  const verifier = JwtVerifier.create({
    issuer: source.oidcIssuer,
    audience: source.oidcAudience,
    // An ID token proves who somebody is, not that they may call us.
    customJwtCheck: ({ payload }) => {
      if ((payload['token_use'] ?? 'access') !== 'access' || 'nonce' in payload) {
        throw new IdTokenError('not an access token');
      }
    },
  });
  if (source.oidcJwks === '') return (token) => verifier.verify(token);
  verifier.cacheJwks(JSON.parse(source.oidcJwks));
  // A key that is not in the given set does not exist: nothing is fetched to look for it.
  return async (token) => verifier.verifySync(token);
}

class IdTokenError extends JwtBaseError {}

/** Cognito says that an address is verified with a text in some tokens, with a boolean in others. */
function verifiedEmail({ email, email_verified }: Claims): string | undefined {
  const isVerified = email_verified === true || email_verified === 'true';
  return isVerified && typeof email === 'string' && isEmailAddress(email)
    ? email.toLowerCase()
    : undefined;
}

function isAdmin(claims: Claims): boolean {
  const groups = claims['cognito:groups'] ?? claims['groups'];
  return Array.isArray(groups) && groups.includes('admin');
}

function unauthorized(message: string, cause?: unknown): RequestError {
  return new RequestError('unauthorized', message, { cause });
}
