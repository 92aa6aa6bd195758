import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';

/** What a document says that a test shows: its file, and words that are in it. */
export type Reference = { readonly file: string; readonly words: string };

/** References in a text: a file in backquotes, and after › words of a test's title in quotes. */
export function references(text: string): Reference[] {
  return [...text.matchAll(/`([^`]+)`(?: › "([^"]+)")?/g)].map(([, file = '', words = '']) => ({
    file,
    words,
  }));
}

/** Fails unless the file is there, under `test/` or where it says, and has the words. */
export function expectToBeThere({ file, words }: Reference): void {
  const path = /^(docs|dashboard)\//.test(file) ? file : `test/${file}`;
  expect(existsSync(path), path).toBe(true);
  expect(readFileSync(path, 'utf8')).toContain(words);
}
