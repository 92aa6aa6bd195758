import { AppError } from '#core/errors';
import { escapeHtml } from '#core/html';
import { type FindText, finderOf } from '#core/text-search';

/** What stands where a secret was. */
const MASK = '[secret]';

/** Shorter pieces would hide ordinary words. */
const SHORTEST = 8;

/** Hides secrets in whatever leaves an action: outputs, errors, log lines. */
export type Masker = {
  /** Hides this text from now on, in every usual encoding of it. */
  add(secret: string): void;
  /** A copy in which no text, and no name of a property, holds a secret. */
  masked<Value>(value: Value): Value;
};

/** A masker that knows no secret yet. It costs nothing until it does. */
export function createMasker(): Masker {
  const added = new Set<string>();
  let forms: readonly Form[] = [];

  const text = (given: string): string =>
    given.length < SHORTEST ? given : forms.reduce(withoutForm, given);

  function masked(value: unknown): unknown {
    if (typeof value === 'string') return text(value);
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Error) return maskedError(value);
    if (Array.isArray(value)) return value.map(masked);
    return Object.fromEntries(
      Object.entries(value).map(([name, child]) => [text(name), masked(child)]),
    );
  }

  function maskedError(error: Error): Error {
    // Errors of our own carry more than a message: their kind decides what happens next.
    const copy = Object.create(Object.getPrototypeOf(error)) as Error;
    for (const name of Object.getOwnPropertyNames(error)) {
      const child = (error as unknown as Record<string, unknown>)[name];
      const isPlain = name === 'cause' && !(error instanceof AppError) ? undefined : masked(child);
      Object.defineProperty(copy, name, {
        value: isPlain,
        configurable: true,
        enumerable: Object.prototype.propertyIsEnumerable.call(error, name),
        writable: true,
      });
    }
    return copy;
  }

  return {
    add(secret) {
      if (secret.length < SHORTEST || added.has(secret)) return;
      added.add(secret);
      const all = new Set([...forms.map((form) => form.text), ...formsOf(secret)]);
      // The longest first: a part of a secret must not be replaced inside the whole.
      forms = [...all].toSorted((one, other) => other.length - one.length).map(formOf);
    },
    masked<Value>(value: Value): Value {
      return forms.length === 0 ? value : (masked(value) as Value);
    },
  };
}

/** One spelling of a secret, ready to be looked for. */
type Form = { readonly text: string; readonly find: FindText };

function formOf(text: string): Form {
  return { text, find: finderOf(text) };
}

/** The same text with the mask at every place of the form. */
function withoutForm(given: string, { text, find }: Form): string {
  const pieces: string[] = [];
  let from = 0;
  for (let at = find(given, 0); at >= 0; at = find(given, from)) {
    pieces.push(given.slice(from, at));
    from = at + text.length;
  }
  return from === 0 ? given : [...pieces, given.slice(from)].join(MASK);
}

/** The spellings in which a secret may come back: plain, escaped for URLs, JSON or HTML, encoded. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const url = encodeURIComponent(secret);
  const form = new URLSearchParams([['', secret]]).toString().slice(1);
  const json = JSON.stringify(secret).slice(1, -1);
  const hex = bytes.toString('hex');
  const forms = [
    secret,
    url,
    inLowerCase(url),
    form,
    inLowerCase(form),
    encodeURI(secret),
    json,
    // As PHP writes it.
    json.replaceAll('/', '\\/'),
    escapeHtml(secret),
    hex,
    hex.toUpperCase(),
    ...base64FormsOf(bytes),
  ];
  return forms.filter((one) => one.length >= SHORTEST);
}

/** Some write percent escapes in lower case. */
function inLowerCase(url: string): string {
  return url.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());
}

/**
 * Base64 of the secret alone, and what base64 of any longer text around it has in common: a text
 * inside another one starts at one of three offsets within a group, as in `Basic` credentials.
 */
function base64FormsOf(bytes: Buffer): string[] {
  const whole = bytes.toString('base64');
  const inside = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const from = Math.ceil((offset * 8) / 6);
    return encoded.slice(from, Math.floor(((offset + bytes.length) * 8) / 6));
  });
  const standard = [whole, whole.replace(/=+$/, ''), ...inside];
  return standard.flatMap((one) => [one, one.replaceAll('+', '-').replaceAll('/', '_')]);
}
