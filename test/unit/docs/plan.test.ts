import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectToBeThere, references } from '#test/helpers/references';

const text = readFileSync('docs/plan.md', 'utf8');
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| id'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, id = '', , where = '', shown = '']) => ({ id, where, shown }));

/** `first` to `last` of one kind of id. */
function ids(prefix: string, last: number): string[] {
  return Array.from({ length: last }, (_, index) => `${prefix}${index + 1}`);
}

const all = [
  ...ids('R-INT-', 6),
  ...ids('R-ENG-', 6),
  ...ids('R-USR-', 5),
  ...ids('R-WF-', 4),
  ...ids('R-INTG-', 6),
  ...ids('R-OBS-', 4),
  ...ids('R-TPL-', 3),
  ...ids('R-PROD-', 5),
  ...ids('I-', 30),
  ...ids('T-', 10),
  ...ids('V-', 4),
  ...ids('D', 3),
  ...ids('Phase ', 5),
];

const isDeferred = (shown: string) => /^deferred: .{20,}/.test(shown);

describe('the table of the plan', () => {
  it('has every id once, in order', () => {
    expect(rows.map(({ id }) => id)).toEqual(all);
  });

  it.each(rows)('$id is shown by something, or says why it is deferred', ({ shown }) => {
    expect(isDeferred(shown) || references(shown).length > 0).toBe(true);
  });

  const places = rows.flatMap(({ id, where }) =>
    [...where.matchAll(/`([^`\s]+\/[^`\s]+)`/g)].map(([, path = '']) => ({ id, path })),
  );
  it.each(places)('$id is where it says: $path', ({ path }) => {
    expect(existsSync(path)).toBe(true);
  });

  const done = rows.filter(({ shown }) => !isDeferred(shown));
  const shownBy = done.flatMap(({ id, shown }) =>
    references(shown).map((reference) => ({ id, ...reference })),
  );
  it.each(shownBy)('$id: $file has "$words"', (reference) => {
    expectToBeThere(reference);
  });
});
