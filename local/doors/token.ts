import type { SetPlan } from '#local/doors/accounts';
import { json, problem } from '#local/gateway/answer';
import type { Door } from '#local/gateway/site';
import type { Issuer } from '#local/issuer';
import { jsonObject } from '#local/json-object';

/** A field of a request that is wrong, as the API's errors name it. */
type FieldProblem = { readonly path: string; readonly message: string };

type TokenRequest = {
  readonly user: string;
  readonly email?: string;
  readonly plan?: string;
  readonly role?: string;
};

const PLANS = ['free', 'builder', 'pro'];
const ROLES = ['user', 'admin'];
const MAX_EMAIL = 254;

/** What is wrong with a field's value; undefined when nothing is. */
const FIELDS: Record<keyof TokenRequest, (value: unknown) => string | undefined> = {
  user: (value) =>
    typeof value === 'string' && /^[A-Za-z0-9_.@|:-]{1,128}$/.test(value)
      ? undefined
      : 'must be 1 to 128 letters, digits or _ . @ | : -',
  email: (value) =>
    value === undefined ||
    (typeof value === 'string' && value.length <= MAX_EMAIL && /^[^\s@]+@[^\s@]+$/.test(value))
      ? undefined
      : 'must be an e-mail address',
  plan: (value) => oneOf(PLANS, value),
  role: (value) => oneOf(ROLES, value),
};

/**
 * `POST /local/token`: an access token for any user, without a password. `plan` puts the user on that plan;
 * without it a new user gets the largest one, and anybody else stays as is.
 */
export function tokenDoor(issuer: Issuer, setPlan: SetPlan): Door {
  return {
    method: 'POST',
    path: /^\/local\/token$/,
    async answer({ body, requestId }) {
      const request = parse(body);
      if (Array.isArray(request)) {
        const [first] = request;
        const message = `${first?.path ? `${first.path} ` : ''}${first?.message}`;
        return problem(400, 'invalid_request', message, requestId, { fields: request });
      }
      const { user, email, plan, role } = request;
      await setPlan(user, plan);
      return json(200, {
        access_token: await issuer.issue({ user, email, isAdmin: role === 'admin' }),
      });
    },
  };
}

/** `GET /local/.well-known/jwks.json`: the public key of those tokens. */
export function jwksDoor(issuer: Issuer): Door {
  return {
    method: 'GET',
    path: /^\/local\/\.well-known\/jwks\.json$/,
    answer: () => json(200, issuer.jwks),
  };
}

function parse(body: Buffer): TokenRequest | FieldProblem[] {
  const value = jsonObject(body.toString());
  if (!value) return [{ path: '', message: 'The body must be a JSON object.' }];
  const problems: FieldProblem[] = [];
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(FIELDS, name))
      problems.push({ path: name, message: 'is not a known field' });
  }
  for (const [path, check] of Object.entries(FIELDS)) {
    const message = check(value[path]);
    if (message) problems.push({ path, message });
  }
  if (problems.length > 0) return problems;
  return value as TokenRequest;
}

function oneOf(values: readonly string[], value: unknown): string | undefined {
  if (value === undefined || values.includes(value as string)) return undefined;
  return `must be one of ${values.join(', ')}`;
}
