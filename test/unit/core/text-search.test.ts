import fc from 'fast-check';
import { expect, it } from 'vitest';
import { holds } from '#core/conditions/conditions';
import { containsText, finderOf } from '#core/text-search';
import { quickestMs } from '#test/helpers/quickest';

/** Texts that repeat themselves, which is where a search goes astray. */
const repetitive = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', 'ab', 'aab', 'é🙂'), { maxLength: 6 }), fc.nat(300))
  .map(([pieces, times]) => pieces.join('').repeat(times));

it('finds what the engine finds', () => {
  fc.assert(
    fc.property(repetitive, repetitive, repetitive, (before, part, after) => {
      expect(containsText(`${before}${part}${after}`, part)).toBe(true);
      expect(containsText(before, part)).toBe(before.includes(part));
      expect(containsText(`${part}${after}`, `${part}b`)).toBe(
        `${part}${after}`.includes(`${part}b`),
      );
    }),
    { numRuns: 300 },
  );
});

it('finds it where the engine does, from any place on', () => {
  fc.assert(
    fc.property(repetitive, repetitive, fc.nat(50), (whole, part, from) => {
      const place = Math.min(from, whole.length);
      expect(finderOf(part)(whole, place)).toBe(whole.indexOf(part, place));
      expect(finderOf(part)(`${whole}${part}${whole}`, place)).toBe(
        `${whole}${part}${whole}`.indexOf(part, place),
      );
    }),
    { numRuns: 300 },
  );
});

it('takes no longer for a text that is hard to look for', () => {
  const half = 'a'.repeat(250_000);
  const body = { whole: 'a'.repeat(1_000_000), part: `${half}b${half}` };
  const condition = {
    left: '{{trigger.body.whole}}',
    op: 'contains',
    right: '{{trigger.body.part}}',
  } as const;

  // Some 40 seconds by the engine's own search.
  expect(quickestMs(() => holds(condition, { trigger: { body } }))).toBeLessThan(500);
  expect(holds(condition, { trigger: { body } })).toBe(false);
});
