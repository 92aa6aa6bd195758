import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectToBeThere, references } from '#test/helpers/references';

const THREATS = 26;

const text = readFileSync('docs/proof/threats.md', 'utf8');
const rows = text
  .split('\n')
  .filter((line) => /^\| T\d/.test(line))
  .map((line) => line.split(' | '))
  .map(([id = '', , shown = '']) => ({ id: id.replace('| ', ''), shown }));

describe('the table of attacks', () => {
  it('has every id once, in order', () => {
    const all = Array.from({ length: THREATS }, (_, index) => `T${index + 1}`);
    expect(rows.map(({ id }) => id)).toEqual(all);
  });

  const shownBy = rows.flatMap(({ id, shown }) =>
    references(shown)
      .filter(({ file }) => file.endsWith('.test.ts'))
      .map((reference) => ({ id, ...reference })),
  );
  it('names a test for all but the dependencies', () => {
    expect(new Set(shownBy.map(({ id }) => id)).size).toBe(THREATS - 1);
  });

  it.each(shownBy)('$id: $file has "$words"', (reference) => {
    expectToBeThere(reference);
  });
});
