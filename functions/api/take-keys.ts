import type { Authenticate } from '#adapters/tokens';
import { type ApiKeyDeps, ownerOfKey } from '#core/api-keys';
import { RequestError } from '#core/errors';

/** Whatever begins like a key is treated as one, and refused like one. */
const SHOWN_KEY = /^Bearer (crk_.*)$/i;

/**
 * Authentication that takes an API key where an access token may stand. Whoever shows a key is its
 * owner, without a role and without an e-mail address; each call looks the key up, so that one that
 * is removed is refused at once.
 *
 * @throws RequestError `unauthorized`, the same for every key that does not count
 */
export function takeKeys(
  authenticate: Authenticate,
  deps: Pick<ApiKeyDeps, 'apiKeys' | 'clock'>,
): Authenticate {
  return async (authorization) => {
    const shown = SHOWN_KEY.exec(authorization ?? '')?.[1];
    if (shown === undefined) return authenticate(authorization);
    const owner = await ownerOfKey(shown, deps);
    if (owner) return { userId: owner.userId, isAdmin: false, apiKeyId: owner.id };
    throw new RequestError(
      'unauthorized',
      'The API key is not valid: wrong, expired or removed. Make one in the app, or send an access token.',
    );
  };
}
