import { describe, expect, it } from 'vitest';
import {
  type ApiKey,
  type ApiKeyStore,
  createApiKey,
  type KeyOwner,
  ownerOfKey,
} from '#core/api-keys';
import { handClock } from '#test/helpers/memory-ports';

/** Keys in memory, as far as making and showing one needs them. */
function keysInMemory() {
  const clock = handClock();
  const kept: ApiKey[] = [];
  const lookedUp: string[] = [];
  const used: [KeyOwner, string][] = [];
  const apiKeys = {
    create: async (key: ApiKey) => kept.push(key) > 0,
    owner: async (digest: string) => {
      lookedUp.push(digest);
      return kept.find((key) => key.digest === digest);
    },
    noteUse: async (owner: KeyOwner, day: string) => {
      used.push([owner, day]);
    },
  } as Partial<ApiKeyStore> as ApiKeyStore;
  const asked: number[] = [];
  const randomBytes = (count: number) => {
    asked.push(count);
    return new Uint8Array(count).fill(251);
  };
  return { clock, kept, lookedUp, used, asked, deps: { apiKeys, clock, randomBytes } };
}

const NOW = '2026-11-22T10:00:00.000+01:00';
const HOUR_MS = 3_600_000;

describe('an API key', () => {
  it('is 256 bits of the given randomness, of which only the digest is kept', async () => {
    const { deps, kept, asked } = keysInMemory();

    const { key } = await createApiKey('ada', { name: 'Program' }, deps);

    expect(key).toBe(`crk_${Buffer.alloc(32, 251).toString('base64url')}`);
    expect(asked).toContain(32);
    expect(kept).toMatchObject([{ digest: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
    expect(JSON.stringify(kept)).not.toContain(key.slice(0, -4));
  });

  it('counts until the instant at which it expires, and not at it', async () => {
    const { deps, clock, used } = keysInMemory();
    const expires_at = '2026-11-22T11:00:00+01:00';
    const { made, key } = await createApiKey('ada', { name: 'Program', expires_at }, deps);

    expect(made.expiresAt).toBe('2026-11-22T10:00:00.000Z');
    clock.advance(HOUR_MS - 1);
    expect(await ownerOfKey(key, deps)).toMatchObject({ userId: 'ada', id: made.id });
    clock.advance(1);
    expect(await ownerOfKey(key, deps)).toBeUndefined();
    expect(used.map(([, day]) => day)).toEqual(['2026-11-22']);
  });

  it('cannot be made to expire in the past or now', async () => {
    const { deps, kept } = keysInMemory();

    const making = createApiKey('ada', { name: 'Program', expires_at: NOW }, deps);

    await expect(making).rejects.toMatchObject({ code: 'invalid_request' });
    expect(kept).toEqual([]);
  });

  it.each(['crk_', 'crk_short', `crk_${'a'.repeat(44)}`, `crk_${'é'.repeat(43)}`, 'CRK_'])(
    'that cannot be one is not looked up: %s',
    async (text) => {
      const { deps, lookedUp } = keysInMemory();

      expect(await ownerOfKey(text, deps)).toBeUndefined();
      expect(lookedUp).toEqual([]);
    },
  );
});
