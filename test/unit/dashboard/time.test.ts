import { expect, it } from 'vitest';
import { shortTime } from '#dashboard/app/format/time.ts';

it.each([
  ['2026-12-31T09:00:00Z', 'Thu, Dec 31, 09:00 UTC'],
  ['2028-03-05T01:30:00Z', 'Sun, Mar 5, 2028, 01:30 UTC'],
])('says of %s, in 2026, %s', (at, words) => {
  expect(shortTime(at, 'UTC', Date.parse('2026-11-28T00:00:00Z'))).toBe(words);
});
