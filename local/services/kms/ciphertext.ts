import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Pairs that must be given again to decrypt; their order does not matter. */
export type EncryptionContext = Readonly<Record<string, string>>;

const ALGORITHM = 'aes-256-gcm';
const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypt with AES-256-GCM. The result names its key: version, length of the key's id, the id, nonce, tag and text.
 *
 * @param material 32 bytes.
 */
export function encrypt(
  keyId: string,
  material: Buffer,
  plaintext: Uint8Array,
  context: EncryptionContext,
): Buffer {
  const id = Buffer.from(keyId);
  const head = Buffer.concat([Buffer.from([VERSION, id.length]), id]);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, material, iv).setAAD(authenticated(head, context));
  const text = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([head, iv, cipher.getAuthTag(), text]);
}

/** @returns undefined when the ciphertext, its key or its context is not what was encrypted. */
export function decrypt(
  material: Buffer,
  ciphertext: Buffer,
  context: EncryptionContext,
): Buffer | undefined {
  const headLength = 2 + (ciphertext[1] ?? 0);
  const textStart = headLength + IV_BYTES + TAG_BYTES;
  const iv = ciphertext.subarray(headLength, headLength + IV_BYTES);
  const tag = ciphertext.subarray(headLength + IV_BYTES, textStart);
  try {
    const decipher = createDecipheriv(ALGORITHM, material, iv, { authTagLength: TAG_BYTES })
      .setAAD(authenticated(ciphertext.subarray(0, headLength), context))
      .setAuthTag(tag);
    return Buffer.concat([decipher.update(ciphertext.subarray(textStart)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** The id of the key that a ciphertext names; undefined when it is none. @param ciphertext in base64. */
export function keyIdOf(ciphertext: string): string | undefined {
  const bytes = Buffer.from(ciphertext, 'base64');
  const length = bytes[1] ?? 0;
  const isLongEnough = bytes.length >= 2 + length + IV_BYTES + TAG_BYTES;
  if (bytes[0] !== VERSION || length === 0 || !isLongEnough) return undefined;
  return bytes.toString('utf8', 2, 2 + length);
}

function authenticated(head: Uint8Array, context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat([head, Buffer.from(JSON.stringify(pairs))]);
}
