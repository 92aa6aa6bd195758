import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '#core/webhook-auth/scheme';

const HEX_DIGEST = /^[0-9a-f]{64}$/;

/**
 * Whether two digests are the same, in a time that does not tell where they differ. Every comparison
 * of a secret or a signature goes through here.
 */
export function isSameDigest(expected: Buffer, offered: Buffer): boolean {
  return expected.length === offered.length && timingSafeEqual(expected, offered);
}

/** The digest in a text like `sha256=<64 lower-case hex digits>`; none in a text of another form. */
export function hexDigest(prefix: string, text: string): readonly Buffer[] {
  const digits = text.slice(prefix.length);
  return text.startsWith(prefix) && HEX_DIGEST.test(digits) ? [Buffer.from(digits, 'hex')] : [];
}

/**
 * Checks signatures with every active key; one that fits is enough.
 *
 * @param signed what the scheme signs, in its order
 * @param offered the signatures of the request, decoded
 * @returns why the content is not proved to be signed; undefined when it is
 */
export function signatureProblem(
  signed: readonly (string | Buffer)[],
  offered: readonly Buffer[],
  secrets: readonly Secret[],
): string | undefined {
  const keys = secrets.flatMap((secret) =>
    // Anybody can sign with an empty key.
    secret.kind === 'key' && secret.key.length > 0 ? [secret.key] : [],
  );
  if (keys.length === 0) return 'No signing secret is stored for this webhook.';
  const fits = keys.some((key) => {
    const hmac = createHmac('sha256', key);
    for (const part of signed) hmac.update(part);
    const expected = hmac.digest();
    return offered.some((digest) => isSameDigest(expected, digest));
  });
  return fits
    ? undefined
    : 'The signature does not match: the secret is another one, or the body was changed on its way.';
}
