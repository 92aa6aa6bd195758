import { TemplateSyntaxError } from './template-error.ts';

/** A reading position in a text; every reader moves `at` forwards only, so that all is linear. */
export type Cursor = { readonly text: string; at: number };

/** Stops reading: the character at `offset` cannot stand there. */
export function refuse(offset: number, message: string): never {
  throw new TemplateSyntaxError(offset, message);
}

/** Moves past blanks, tabs, line ends and no-break spaces (which pasted text often holds). */
export function skipSpace(cursor: Cursor): void {
  while (cursor.at < cursor.text.length) {
    const code = cursor.text.charCodeAt(cursor.at);
    if (code !== 0x20 && code !== 0xa0 && (code < 0x09 || code > 0x0d)) return;
    cursor.at += 1;
  }
}

/** Moves past `expected` when it comes next, and says whether it did. */
export function take(cursor: Cursor, expected: string): boolean {
  if (!cursor.text.startsWith(expected, cursor.at)) return false;
  cursor.at += expected.length;
  return true;
}

/** Reads letters and digits of any script, `_`, `$` and `-`; empty when none comes next. */
export function readName(cursor: Cursor): string {
  const start = cursor.at;
  for (;;) {
    const code = cursor.text.codePointAt(cursor.at);
    if (code === undefined || !isNameCharacter(code)) break;
    cursor.at += code > 0xffff ? 2 : 1;
  }
  return cursor.text.slice(start, cursor.at);
}

/** The character that comes next, quoted for a message. */
export function nextCharacter(cursor: Cursor): string {
  const code = cursor.text.codePointAt(cursor.at);
  return code === undefined ? 'the end of the text' : JSON.stringify(String.fromCodePoint(code));
}

const wordOfAnyScript = /^[\p{L}\p{M}\p{N}]$/u;

function isNameCharacter(code: number): boolean {
  if (code > 0x7f) return wordOfAnyScript.test(String.fromCodePoint(code));
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x5f ||
    code === 0x24 ||
    code === 0x2d
  );
}
