const MIN_CHARACTERS = 16;
const MAX_CHARACTERS = 256;

/** Why a secret that callers send in a header cannot be one; undefined when it can. */
export function sentSecretProblem(secret: string): string | undefined {
  return (
    signingTextProblem(secret) ?? (/ /.test(secret) ? 'A secret may hold no spaces.' : undefined)
  );
}

/** Why a secret whose characters are a signing key cannot be one; undefined when it can. */
export function signingTextProblem(secret: string): string | undefined {
  if (secret.length < MIN_CHARACTERS) {
    return 'A secret needs at least 16 characters; leave it out and the server makes one.';
  }
  if (secret.length > MAX_CHARACTERS) return 'A secret may have at most 256 characters.';
  if (!/^[\x20-\x7e]+$/.test(secret)) return 'A secret may hold visible ASCII characters only.';
  if (secret.trim().length < secret.length) {
    return 'A secret may not begin or end with a space: one was probably copied with it.';
  }
  return undefined;
}

/** The key of a scheme whose senders use the secret's characters themselves. */
export function textKey(secret: string): Buffer {
  return Buffer.from(secret, 'utf8');
}
