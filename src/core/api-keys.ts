import { createHash } from 'node:crypto';
import * as z from 'zod';
import { invalidRequest, notFound, RequestError } from '#core/errors';
import { isId, newId, type RandomBytes } from '#core/ids';
import type { Clock, Slice } from '#core/ports';

/** What a key begins with, so that people and scanners know it when they see it. */
export const KEY_PREFIX = 'crk_';

/** Random bytes of a key: nobody guesses 256 bits, so a plain digest of them is enough to keep. */
const KEY_BYTES = 32;
const KEY = /^crk_[\w-]{43}$/;

/** API keys that a user may have, expired ones too. */
export const MOST_API_KEYS = 20;

/** The body of `POST /api/keys`. */
export const CreateApiKey = z.strictObject({
  name: z.string().trim().min(1).max(100).describe('What uses it, for people.'),
  expires_at: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('When it stops to work. Left out: when it is removed.'),
});
export type CreateApiKey = z.infer<typeof CreateApiKey>;

/** What is kept of a key: everything but the key. */
export type ApiKey = {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  /** SHA-256 of the key, in hexadecimal. */
  readonly digest: string;
  /** The last characters of the key, to tell keys apart. */
  readonly lastFour: string;
  /** ISO 8601 */
  readonly createdAt: string;
  /** ISO 8601 */
  readonly expiresAt?: string;
  /** The day of the last use, such as `2026-11-22`. */
  readonly lastUsedOn?: string;
};

/** Whom a key leads to. */
export type KeyOwner = Pick<ApiKey, 'id' | 'userId' | 'expiresAt'>;

/** Where keys live. Every method but `owner` is scoped by user. */
export type ApiKeyStore = {
  /** @returns false, and writes nothing, when the user has {@link MOST_API_KEYS} */
  create(key: ApiKey): Promise<boolean>;
  /** Whose key has this digest: a caller who shows a key says no more. */
  owner(digest: string): Promise<KeyOwner | undefined>;
  find(userId: string, id: string): Promise<ApiKey | undefined>;
  /** Newest first. */
  list(userId: string, page: { limit: number; after: string | undefined }): Promise<Slice<ApiKey>>;
  /** Deletes it, so that it is refused from then on, and remembers that it was there. */
  remove(key: ApiKey): Promise<void>;
  /** Whether this user once had it, so that removing twice is fine. */
  wasRemoved(userId: string, id: string): Promise<boolean>;
  /** Keeps the day of the last use. Never throws: nobody waits for it. */
  noteUse(owner: KeyOwner, day: string): Promise<void>;
};

/** What making keys works with. */
export type ApiKeyDeps = {
  readonly apiKeys: ApiKeyStore;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
};

/**
 * Makes a key. It is given here whole, and kept nowhere.
 *
 * @throws RequestError `invalid_request` for a time that has passed, `conflict` for one key too many
 */
export async function createApiKey(
  userId: string,
  { name, expires_at }: CreateApiKey,
  { apiKeys, clock, randomBytes }: ApiKeyDeps,
): Promise<{ readonly made: ApiKey; readonly key: string }> {
  const now = clock.now();
  const expiresAt = expires_at === undefined ? undefined : Date.parse(expires_at);
  if (expiresAt !== undefined && !(expiresAt > now)) {
    throw invalidRequest([{ path: 'expires_at', message: 'Choose a time that is still to come.' }]);
  }
  const key = KEY_PREFIX + Buffer.from(randomBytes(KEY_BYTES)).toString('base64url');
  const made: ApiKey = {
    id: newId('key', now, randomBytes),
    userId,
    name,
    digest: digestOf(key),
    lastFour: key.slice(-4),
    createdAt: new Date(now).toISOString(),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
  };
  if (await apiKeys.create(made)) return { made, key };
  throw new RequestError(
    'conflict',
    `You have ${MOST_API_KEYS} API keys, which is the most, expired ones included. Remove one first.`,
  );
}

/** Removes a key; removing it again is fine. @throws RequestError `not_found` */
export async function deleteApiKey(
  userId: string,
  id: string,
  { apiKeys }: Pick<ApiKeyDeps, 'apiKeys'>,
): Promise<void> {
  if (!isId('key', id)) throw notFound('key');
  const found = await apiKeys.find(userId, id);
  if (found !== undefined) return apiKeys.remove(found);
  if (!(await apiKeys.wasRemoved(userId, id))) throw notFound('key');
}

/** Whom a text leads to that is shown as a key, while the key counts. One read at most, by digest. */
export async function ownerOfKey(
  text: string,
  { apiKeys, clock }: Pick<ApiKeyDeps, 'apiKeys' | 'clock'>,
): Promise<KeyOwner | undefined> {
  if (!KEY.test(text)) return undefined;
  const owner = await apiKeys.owner(digestOf(text));
  const now = clock.now();
  if (owner?.expiresAt !== undefined && Date.parse(owner.expiresAt) <= now) return undefined;
  if (owner) await apiKeys.noteUse(owner, new Date(now).toISOString().slice(0, 10));
  return owner;
}

function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
