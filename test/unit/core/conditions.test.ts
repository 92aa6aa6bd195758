import { describe, expect, it } from 'vitest';
import { type Condition, conditionProblems, holds } from '#core/conditions/conditions';
import type { Operator } from '#core/conditions/operators';
import { ActionRejectedError } from '#core/errors';

const scope = { trigger: { body: { n: 5, name: 'Ada', tags: ['vip'], none: null } } };
const is = (left: unknown, op: Operator, right?: unknown) =>
  holds({ left, op, ...(right !== undefined && { right }) }, scope);

describe('a comparison', () => {
  it.each([
    ['{{trigger.body.n}}', 'equals', 5, true],
    ['{{trigger.body.n}}', 'equals', '5', true],
    ['{{trigger.body.n}}', 'equals', '5.0', true],
    ['{{trigger.body.n}}', 'equals', 'five', false],
    ['{{trigger.body.n}}', 'not_equals', 5, false],
    ['{{trigger.body.name}}', 'equals', 'ada', false],
    ['{{trigger.body.tags}}', 'equals', ['vip'], true],
    [true, 'equals', 'true', true],
    [0, 'equals', '', false],
    [0, 'equals', false, false],
    ['{{trigger.body.none}}', 'equals', null, true],
    ['{{trigger.body.name}}', 'contains', 'da', true],
    ['{{trigger.body.tags}}', 'contains', 'vip', true],
    ['{{trigger.body}}', 'contains', 'n', true],
    ['{{trigger.body}}', 'contains', 'toString', false],
    ['{{trigger.body.tags}}', 'not_contains', 'vi', true],
    ['{{trigger.body.name}}', 'starts_with', 'A', true],
    ['{{trigger.body.name}}', 'ends_with', 'A', false],
    ['{{trigger.body.n}}', 'greater_than', '{{trigger.body.n}}', false],
    ['10', 'greater_than', '9', true],
    ['{{trigger.body.n}}', 'less_than', 5.5, true],
    ['2027-01-31', 'greater_than', '2026-12-31T23:59:59Z', true],
    ['2027-01-31T10:00:00+02:00', 'less_than', '2027-01-31T09:00:00Z', true],
    ['{{trigger.body.name}}', 'in', ['Bob', 'Ada'], true],
    ['{{trigger.body.n}}', 'in', ['5'], true],
    ['Ad', 'in', '{{trigger.body.name}}', true],
  ] as const)('%j %s %j is %s', (left, op, right, expected) => {
    expect(is(left, op, right)).toBe(expected);
  });

  it.each([
    ['{{trigger.body.n}}', 'exists', true],
    ['{{trigger.body.nowhere.at.all}}', 'exists', false],
    ['{{trigger.body.none}}', 'not_exists', true],
    [true, 'is_true', true],
    ['true', 'is_true', true],
    [1, 'is_true', false],
    ['false', 'is_false', true],
    [null, 'is_false', false],
  ] as const)('%j %s is %s', (left, op, expected) => {
    expect(is(left, op)).toBe(expected);
  });

  it.each([
    ['{{trigger.body.nowhere}}', 'equals', 1, 'nowhere'],
    ['{{trigger.body.tags}}', 'greater_than', 1, 'a list'],
    ['x', 'greater_than', 1, 'a number'],
    [null, 'contains', 'x', 'null'],
    [['x'], 'starts_with', 'x', 'a text'],
  ] as const)('%j %s %j cannot be told, and says why', (left, op, right, word) => {
    expect(() => is(left, op, right)).toThrow(ActionRejectedError);
    expect(() => is(left, op, right)).toThrow(word);
  });

  it.each(['equals', 'exists'] as const)('does no more work for fifty of %s than for one', (op) => {
    const large = { trigger: { text: 'x'.repeat(1_000_000) } };
    const left = `{{trigger.text${' | upper'.repeat(10)}${' | truncate: 1'}}}`;
    const one: Condition = op === 'exists' ? { left, op } : { left, op, right: '…' };
    expect(() => holds(one, large)).not.toThrow();
    const all = Array.from({ length: 50 }, () => one);
    expect(() => holds({ not: { any: all.map((not) => ({ not })) } }, large)).toThrow(
      'too much work',
    );
  });

  it('treats what a placeholder gives as data', () => {
    const hostile = { trigger: { body: '{{trigger.secret}}' } };
    expect(holds({ left: '{{trigger.body}}', op: 'contains', right: 'secret' }, hostile)).toBe(
      true,
    );
  });
});

const yes: Condition = { left: true, op: 'is_true' };
const no: Condition = { not: yes };

it.each([
  [{ all: [yes, yes] }, true],
  [{ all: [yes, no] }, false],
  [{ any: [no, yes] }, true],
  [{ any: [no, no] }, false],
  [{ not: { any: [no, { all: [no, yes] }] } }, true],
] as [Condition, boolean][])('%j is %s', (condition, expected) => {
  expect(holds(condition, scope)).toBe(expected);
});

it('does not look at parts that cannot matter any more', () => {
  const broken: Condition = { left: '{{trigger.body.nowhere}}', op: 'equals', right: 1 };
  expect(holds({ any: [yes, broken] }, scope)).toBe(true);
  expect(holds({ all: [no, broken] }, scope)).toBe(false);
});

const deep = (levels: number): Condition => (levels === 0 ? yes : { not: deep(levels - 1) });

it.each([
  ['an unknown operator', { left: 1, op: 'is', right: 1 }, 'c.op', 'equals'],
  ['no operator', { left: 1, right: 1 }, 'c', 'op'],
  ['no right side', { left: 1, op: 'equals' }, 'c', 'right is missing'],
  ['no left side', { op: 'equals', right: 1 }, 'c', 'left is missing'],
  ['a right side too many', { left: 1, op: 'exists', right: 1 }, 'c', 'remove right'],
  ['two forms', { all: [yes], any: [yes] }, 'c', 'exactly one'],
  ['a stray side', { all: [yes], right: 1 }, 'c', 'right does not belong'],
  ['an unknown field', { all: [yes], xor: 1 }, 'c.xor', 'no such field'],
  ['nothing to join', { any: [] }, 'c.any', 'at least 1'],
  [
    'a mistake within',
    { any: [yes, { not: { all: [{ left: 1 }] } }] },
    'c.any[1].not.all[0]',
    'op',
  ],
  ['no object', 'true', 'c', 'an object'],
  ['too deep a nesting', deep(10), 'c.not.not.not.not.not.not.not.not.not.not', '10 levels'],
  ['too many comparisons', { any: Array.from({ length: 51 }, () => yes) }, 'c', 'at most 50'],
])('refuses %s, naming the place and what to change', (_name, condition, path, word) => {
  const problems = conditionProblems(condition, 'c');
  expect(problems.map((problem) => problem.path)).toContain(path);
  expect(problems.map((problem) => problem.message).join()).toContain(word);
});

it('accepts what can be evaluated', () => {
  expect(conditionProblems({ any: [yes, no, deep(8)] }, 'c')).toEqual([]);
});
