import { type Cursor, readName, refuse } from './cursor.ts';

/** What a filter's argument can be. */
export type TemplateLiteral = string | number | boolean | null;

const words: ReadonlyMap<string, TemplateLiteral> = new Map<string, TemplateLiteral>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** Reads quoted text, a JSON number, `true`, `false` or `null`. */
export function readLiteral(cursor: Cursor): TemplateLiteral {
  const first = cursor.text[cursor.at];
  if (first === '"' || first === "'") return readText(cursor);
  const start = cursor.at;
  const word = readLiteralWord(cursor);
  const known = words.get(word);
  if (known !== undefined) return known;
  return numberFrom(word) ?? refuse(start, literalHint(word));
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** Reads text in single or double quotes, with the backslash escapes of JSON and `\'`. */
export function readText(cursor: Cursor): string {
  const { text } = cursor;
  const start = cursor.at;
  const quote = text[start];
  const pieces: string[] = [];
  let from = start + 1;
  for (cursor.at = from; cursor.at < text.length; cursor.at += 1) {
    const character = text[cursor.at];
    if (character === quote) {
      pieces.push(text.slice(from, cursor.at));
      cursor.at += 1;
      return pieces.join('');
    }
    if (character === '\\') {
      pieces.push(text.slice(from, cursor.at), readEscape(cursor));
      from = cursor.at + 1;
    }
  }
  return refuse(start, `the text that starts with ${quote} never ends: close it with ${quote}`);
}

/** Reads one escape and leaves the cursor on its last character. */
function readEscape(cursor: Cursor): string {
  const start = cursor.at;
  cursor.at += 1;
  const letter = cursor.text[cursor.at] ?? '';
  const plain = escapes.get(letter);
  if (plain !== undefined) return plain;
  const hex = cursor.text.slice(cursor.at + 1, cursor.at + 5);
  if (letter !== 'u' || !/^[0-9A-Fa-f]{4}$/.test(hex)) {
    refuse(start, `"\\${letter}" is not an escape: write "\\\\" for a backslash`);
  }
  cursor.at += 4;
  return String.fromCharCode(Number.parseInt(hex, 16));
}

/** A number's sign, point and exponent, or a word that turns out to be none. */
function readLiteralWord(cursor: Cursor): string {
  const start = cursor.at;
  for (;;) {
    readName(cursor);
    const next = cursor.text[cursor.at];
    if (next !== '.' && next !== '+') return cursor.text.slice(start, cursor.at);
    cursor.at += 1;
  }
}

const longestNumber = 40;

function numberFrom(word: string): number | undefined {
  if (word.length > longestNumber) return undefined;
  if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(word)) return undefined;
  const number = Number(word);
  return Number.isFinite(number) ? number : undefined;
}

function literalHint(word: string): string {
  const shown = word.length > longestNumber ? `${word.slice(0, longestNumber)}…` : word;
  const quoted = word === '' ? 'text goes in quotes' : `write "${shown}" in quotes if it is text`;
  return `an argument is text in quotes, a number, true, false or null; ${quoted}`;
}
