const MASK = '****';

const SECRET_NAME =
  /authorization|cookie|secret|token|passw|credential|api[-_]?key|private[-_]?key/i;

/** Whoever has such an address may post to it: it is a secret from its path on. */
const SECRET_ADDRESS = /webhook[-_]?url/i;

/**
 * A config for the eyes of others: what is called like a secret is not shown, whatever it is, nor
 * what an address holds beside its host and path.
 */
export function maskedConfig(value: unknown): unknown {
  if (typeof value === 'string') return maskedAddress(value);
  if (Array.isArray(value)) return value.map(maskedConfig);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, maskedField(name, inner)]),
  );
}

function maskedField(name: string, value: unknown): unknown {
  if (SECRET_NAME.test(name)) return hidden(value);
  if (typeof value !== 'string' || !SECRET_ADDRESS.test(name)) return maskedConfig(value);
  return URL.canParse(value) ? `${new URL(value).origin}/${MASK}` : MASK;
}

/** Names and structure stay, so that one sees that there is something. */
function hidden(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hidden);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, hidden(inner)]));
  }
  return typeof value === 'string' || typeof value === 'number' ? MASK : value;
}

/** An address without its password, and without what its query calls a secret. */
function maskedAddress(text: string): string {
  if (!/^https?:\/\//i.test(text)) return text;
  return text
    .replace(/^(https?:\/\/)[^/?#]*@/i, `$1${MASK}@`)
    .replace(/([?&])([^=&#]*)=[^&#]*/g, (pair, start: string, name: string) =>
      SECRET_NAME.test(name) ? `${start}${name}=${MASK}` : pair,
    );
}
