const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARACTERS = 10;
const RANDOM_CHARACTERS = 16;

/** What an id names, said by its prefix. */
export type IdPrefix = 'agt' | 'run' | 'con' | 'aud' | 'key';

/** Where ids, secrets and jitter come from; injected so that tests can repeat themselves. */
export type RandomBytes = (count: number) => Uint8Array;

/**
 * A new id: the prefix and a lower-case ULID, so that ids sort by the time they were made.
 *
 * @param at epoch milliseconds
 */
export function newId(prefix: IdPrefix, at: number, randomBytes: RandomBytes): string {
  return idAt(prefix, at, randomBytes(RANDOM_CHARACTERS));
}

/** The id that an instant and sixteen bytes lead to: for ids that must come out the same again. */
export function idAt(prefix: IdPrefix, at: number, bytes: Uint8Array): string {
  let time = '';
  for (let rest = at, i = 0; i < TIME_CHARACTERS; i += 1) {
    time = ALPHABET.charAt(rest % 32) + time;
    rest = Math.floor(rest / 32);
  }
  const random = Array.from(bytes.subarray(0, RANDOM_CHARACTERS), (byte) =>
    ALPHABET.charAt(byte % 32),
  );
  return `${prefix}_${time}${random.join('')}`;
}

/** Whether this can be an id of ours; anything else need not be looked up. */
export function isId(prefix: IdPrefix, text: string): boolean {
  return (
    text.length === 30 &&
    text.startsWith(`${prefix}_`) &&
    /^[0-9a-hjkmnp-tv-z]+$/.test(text.slice(4))
  );
}

/** The smallest id with this prefix that could have been made at or after an instant. */
export function firstIdAt(prefix: IdPrefix, at: number): string {
  return newId(prefix, at, (count) => new Uint8Array(count));
}
