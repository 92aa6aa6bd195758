import { type Cursor, nextCharacter, readName, refuse, skipSpace, take } from './cursor.ts';
import { readLiteral, readText, type TemplateLiteral } from './literals.ts';
import { TemplateSyntaxError } from './template-error.ts';

/** One step of a path: an object's key, or a list's index in decimal digits. */
export type PathPart = {
  readonly key: string;
  /** Index in the template's text just after this part, for naming what was read so far. */
  readonly end: number;
};

/** One filter as written; whether it exists and takes these arguments is not known yet. */
export type FilterCall = {
  readonly name: string;
  readonly args: readonly TemplateLiteral[];
  readonly offset: number;
};

/** What stands between `{{` and `}}`. */
export type Placeholder = {
  /** Index of `{{` in the template's text. */
  readonly offset: number;
  /** Index just after `}}`. */
  readonly end: number;
  /** Where the value comes from: a path into the scope, or text written in place. */
  readonly source:
    | { readonly path: readonly [PathPart, ...PathPart[]] }
    | { readonly literal: string };
  readonly filters: readonly FilterCall[];
};

/** Something in a template that must be changed, and the index of the character where. */
export type TemplateProblem = { readonly offset: number; readonly message: string };

/** A text taken apart: text that stays as it is, and placeholders. */
export type Template = {
  readonly text: string;
  readonly segments: readonly (string | Placeholder)[];
  /** Breaches of the syntax, the first ten; a template with any cannot be resolved. */
  readonly problems: readonly TemplateProblem[];
};

// Far beyond what people write; together they bound the time that a hostile text can take.
const mostProblems = 10;
const mostPlaceholders = 1000;
const mostFilters = 20;
const mostArgs = 10;
const longestPlaceholder = 10_000;

/**
 * Takes a text apart. Never throws: breaches of the syntax are in `problems`.
 *
 * - `{{ path | filter: arg, arg | filter }}`; a path is a root followed by `.name`, `.0`, `[0]` or
 *   `["any key"]`, where a name holds letters and digits of any script, `_`, `$` and `-`.
 * - Arguments are text in single or double quotes with JSON's escapes, numbers, `true`, `false`
 *   and `null`; nothing is ever computed or called.
 * - Text in quotes may stand in place of the path: `{{ "{{" }}` gives a literal `{{`.
 * - `}}` outside a placeholder is ordinary text.
 * - At most 1,000 placeholders, each of at most 10,000 characters and 20 filters.
 *
 * Takes time linear in the length of the text, whatever it holds.
 */
export function parseTemplate(text: string): Template {
  const segments: (string | Placeholder)[] = [];
  const problems: TemplateProblem[] = [];
  let from = 0;
  for (let count = 1; from < text.length && problems.length < mostProblems; count += 1) {
    const open = text.indexOf('{{', from);
    if (open === -1) break;
    if (count > mostPlaceholders) {
      problems.push({
        offset: open,
        message: `a text holds at most ${mostPlaceholders} placeholders`,
      });
      break;
    }
    if (open > from) segments.push(text.slice(from, open));
    const read = tryPlaceholder(text, open);
    if ('message' in read) problems.push(read);
    else segments.push(read);
    from = 'message' in read ? afterProblem(text, read.offset) : read.end;
  }
  if (from < text.length) segments.push(text.slice(from));
  return { text, segments, problems };
}

/** Where reading goes on after a problem: behind the `}}` that most likely ends the placeholder. */
function afterProblem(text: string, offset: number): number {
  const close = text.indexOf('}}', offset);
  return close === -1 ? text.length : close + 2;
}

function tryPlaceholder(text: string, offset: number): Placeholder | TemplateProblem {
  const reach = text.slice(0, offset + longestPlaceholder);
  try {
    return readPlaceholder({ text: reach, at: offset + 2 }, offset);
  } catch (error) {
    if (!(error instanceof TemplateSyntaxError)) throw error;
    return { offset: error.offset, message: error.message };
  }
}

function readPlaceholder(cursor: Cursor, offset: number): Placeholder {
  skipSpace(cursor);
  if (cursor.text.startsWith('}}', cursor.at)) {
    refuse(offset, 'the placeholder is empty: write a path such as {{trigger.body}}, or remove it');
  }
  const source = readSource(cursor, offset);
  const filters: FilterCall[] = [];
  for (;;) {
    skipSpace(cursor);
    if (take(cursor, '}}')) return { offset, end: cursor.at, source, filters };
    if (cursor.at >= cursor.text.length) refuseUnclosed(cursor, offset);
    const bar = cursor.at;
    if (!take(cursor, '|')) refuseAfter(cursor, filters.at(-1));
    if (filters.length === mostFilters) {
      refuse(bar, `a placeholder takes at most ${mostFilters} filters`);
    }
    filters.push(readFilter(cursor));
  }
}

function refuseAfter(cursor: Cursor, filter: FilterCall | undefined): never {
  const found = nextCharacter(cursor);
  if (filter === undefined) {
    refuse(
      cursor.at,
      `${found} cannot stand here: after a path comes "|" with a filter, or "}}" (nothing is computed in a placeholder)`,
    );
  }
  const missing = filter.args.length === 0 ? '":" before arguments' : '"," between arguments';
  refuse(cursor.at, `${found} cannot stand here: write ${missing}, "|" or "}}"`);
}

function readSource(cursor: Cursor, offset: number): Placeholder['source'] {
  const first = cursor.text[cursor.at];
  if (first === '"' || first === "'") return { literal: readText(cursor) };
  const start = cursor.at;
  const root = readName(cursor);
  if (root === '') refuseStart(cursor, start, offset);
  const parts: [PathPart, ...PathPart[]] = [{ key: root, end: cursor.at }];
  for (;;) {
    const key = readPart(cursor);
    if (key === undefined) return { path: parts };
    parts.push({ key, end: cursor.at });
  }
}

function refuseUnclosed(cursor: Cursor, offset: number): never {
  const isCut = cursor.text.length - offset === longestPlaceholder;
  const limit = isCut ? ` (a placeholder has at most ${longestPlaceholder} characters)` : '';
  refuse(offset, `this {{ is never closed: add }}${limit}`);
}

function refuseStart(cursor: Cursor, start: number, offset: number): never {
  if (start >= cursor.text.length) refuseUnclosed(cursor, offset);
  if (cursor.text[start] === '{') {
    refuse(start, 'a placeholder cannot hold another: write {{ and }} once, around one path');
  }
  refuse(start, `${nextCharacter(cursor)} cannot start a path: begin with a name such as trigger`);
}

/** The next part of a path, or `undefined` where the path ends. */
function readPart(cursor: Cursor): string | undefined {
  if (take(cursor, '.')) {
    const name = readName(cursor);
    if (name === '') {
      refuse(
        cursor.at,
        `a name is missing after ".", before ${nextCharacter(cursor)}; other keys go in brackets: ["any key"]`,
      );
    }
    return name;
  }
  if (!take(cursor, '[')) return undefined;
  skipSpace(cursor);
  const key = readBracketed(cursor);
  skipSpace(cursor);
  if (!take(cursor, ']')) {
    refuse(cursor.at, `"]" is missing before ${nextCharacter(cursor)}`);
  }
  return key;
}

function readBracketed(cursor: Cursor): string {
  const start = cursor.at;
  const first = cursor.text[start];
  if (first === '"' || first === "'") return readText(cursor);
  const digits = readName(cursor);
  if (!/^\d{1,16}$/.test(digits)) {
    refuse(start, 'brackets hold a whole number or a key in quotes: [0] or ["any key"]');
  }
  return digits;
}

function readFilter(cursor: Cursor): FilterCall {
  skipSpace(cursor);
  const offset = cursor.at;
  const name = readName(cursor);
  if (name === '') {
    refuse(offset, `a filter's name is missing after "|", before ${nextCharacter(cursor)}`);
  }
  skipSpace(cursor);
  const args: TemplateLiteral[] = [];
  if (take(cursor, ':')) {
    do {
      skipSpace(cursor);
      if (args.length === mostArgs) {
        refuse(cursor.at, `a filter takes at most ${mostArgs} arguments`);
      }
      args.push(readLiteral(cursor));
      skipSpace(cursor);
    } while (take(cursor, ','));
  }
  return { name, args, offset };
}

/** A problem as a sentence for people: where, by column (and line) from 1, and what to change. */
export function problemMessage(text: string, { offset, message }: TemplateProblem): string {
  return `At ${placeOf(text, offset)}: ${message}.`;
}

/** Line and column; characters outside the basic plane count as one. */
function placeOf(text: string, offset: number): string {
  let line = 1;
  let column = 1;
  for (let index = 0; index < offset; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x0a) {
      line += 1;
      column = 1;
    } else if ((code & 0xfc00) !== 0xdc00) column += 1;
  }
  return text.includes('\n') ? `line ${line}, column ${column}` : `column ${column}`;
}
