import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../../../../src/core/webhook-auth/', import.meta.url);
const files = readdirSync(ROOT);

/** The code of a file without comments and without what its texts say. */
function codeOf(file: string): string {
  return readFileSync(new URL(file, ROOT), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
}

/** What stands on one side of `===` and can be no secret: a literal. */
const LITERAL = /^(?:''|undefined|null|\d+)$/;

describe('the code that checks webhooks', () => {
  it('has its files read by this test', () => {
    expect(files.length).toBeGreaterThan(8);
  });

  it.each(files)('%s compares with === only to literals', (file) => {
    const sides = codeOf(file).matchAll(/([\w.'\])]+)\s*[!=]==?\s*([\w.'(]+)/g);
    const strange = [...sides]
      .filter(([, left = '', right = '']) => !(LITERAL.test(left) || LITERAL.test(right)))
      .map(([text]) => text)
      .filter((text) => text !== 'expected.length === offered.length');
    expect(strange).toEqual([]);
  });

  it.each(files)('%s finds no match by searching, sorting or looking up', (file) => {
    const otherWays =
      /\.(?:equals|compare|localeCompare|includes|indexOf|lastIndexOf|search|match|matchAll|has|get|endsWith)\(|Object\.is\(|\bnew (?:Set|Map|RegExp)\b|\bswitch\b/;
    expect(codeOf(file)).not.toMatch(otherWays);
    const beginnings = codeOf(file).match(/\.startsWith\([^)]*\)/g) ?? [];
    for (const beginning of beginnings) {
      expect([".startsWith('')", '.startsWith(prefix)', '.startsWith(PREFIX)']).toContain(
        beginning,
      );
    }
  });

  it('compares in one place, and makes signatures only there', () => {
    const places = (word: string) => files.filter((file) => codeOf(file).includes(`${word}(`));
    expect(places('timingSafeEqual')).toEqual(['digest.ts']);
    expect(places('createHmac')).toEqual(['digest.ts']);
    expect(codeOf('digest.ts').match(/timingSafeEqual\(/g)).toHaveLength(1);
  });
});
