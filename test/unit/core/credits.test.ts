import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CreditAccount,
  onPlan,
  openAccount,
  posted,
  refusalOf,
  reopenAccount,
  upToDate,
  warningLevel,
} from '#core/limits/credits';
import { planNames } from '#core/limits/plans';

const NOW = Date.parse('2026-11-22T09:20:00.000Z');
const HOUR = 3_600_000;
const NEXT_MONTH = Date.parse('2026-12-01T00:00:00.000Z');
const free = openAccount('alice', 'free', NOW);

function sum({ recent }: CreditAccount): number {
  return recent.reduce((total, { amount }) => total + amount, 0);
}

describe('an account', () => {
  it('begins with the credits of its plan', () => {
    expect(free).toMatchObject({ plan: 'free', balance: 200, runsThisMonth: 0 });
    expect(free.recent).toEqual([{ at: NOW, kind: 'grant', amount: 200 }]);
  });

  it('stays the same within the hour', () => {
    expect(upToDate(free, NOW + HOUR / 2)).toBe(free);
  });

  it('begins a new hour without touching the month', () => {
    const used = { ...free, runsThisHour: 60, runsThisMonth: 70 };

    const next = upToDate(used, NOW + HOUR);

    expect(next).toMatchObject({ runsThisHour: 0, runsThisMonth: 70, balance: 200 });
  });

  it('is topped up to the plan by a new month, and no further', () => {
    const used = { ...posted(free, { at: NOW, kind: 'reserve', amount: -150 }), runsThisMonth: 9 };

    const next = upToDate(used, NEXT_MONTH);

    expect(next).toMatchObject({ balance: 200, runsThisMonth: 0, month: '2026-12' });
    expect(next.recent.at(-1)).toEqual({ at: NEXT_MONTH, kind: 'renewal', amount: 150 });
  });

  it('keeps bought credits over a new month', () => {
    const rich = posted(free, { at: NOW, kind: 'adjustment', amount: 1_000 });

    expect(upToDate(rich, NEXT_MONTH).balance).toBe(1_200);
  });

  it('does not go back with a clock that is slow', () => {
    const next = upToDate(free, NEXT_MONTH);

    expect(upToDate(next, NOW)).toBe(next);
  });

  it('gains nothing by going to another plan and back', () => {
    const used = posted(free, { at: NOW, kind: 'reserve', amount: -150 });

    const back = onPlan(onPlan(used, 'pro', NOW), 'free', NOW);

    expect(back.balance).toBe(used.balance);
  });

  it('comes back from a deletion with what it had left', () => {
    const used = { ...posted(free, { at: NOW, kind: 'reserve', amount: -150 }), isSuspended: true };

    const again = reopenAccount(used, NOW);

    expect(again).toMatchObject({ balance: 50, isSuspended: true });
    expect(sum(again)).toBe(50);
  });
});

describe('one more run', () => {
  it.each<[string, Partial<CreditAccount>, number, object | undefined]>([
    ['fits', {}, 200, undefined],
    ['is too dear', {}, 201, { code: 'insufficient_credits', details: { needed: 201 } }],
    [
      'is one too many this month',
      { runsThisMonth: 100 },
      1,
      { code: 'quota_exceeded', details: { quota: 'month', limit: 100 } },
    ],
    [
      'is one too many this hour',
      { runsThisHour: 60 },
      1,
      { code: 'quota_exceeded', details: { quota: 'hour', limit: 60 }, retryAfterSeconds: 2_400 },
    ],
    ['is one of a suspended user', { isSuspended: true }, 1, { code: 'forbidden' }],
    [
      'is refused for the quota before the credits',
      { runsThisHour: 60, balance: 0 },
      1,
      { code: 'quota_exceeded' },
    ],
  ])('%s', (_, change, credits, expected) => {
    const refusal = refusalOf({ ...free, ...change }, credits, NOW);

    if (expected === undefined) expect(refusal).toBeUndefined();
    else expect(refusal).toMatchObject(expected);
  });
});

it('has a balance that is the sum of its ledger and never negative, whatever happens', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('plan'), plan: fc.constantFrom(...planNames) }),
    fc.record({ do: fc.constant('wait'), hours: fc.integer({ min: 0, max: 2_000 }) }),
    fc.record({ do: fc.constant('take'), amount: fc.integer({ min: 0, max: 600 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let account = free;
      let now = NOW;
      for (const one of steps) {
        if ('hours' in one) now += one.hours * HOUR;
        account = upToDate(account, now);
        if ('plan' in one) account = onPlan(account, one.plan, now);
        if ('amount' in one && refusalOf(account, one.amount, now) === undefined) {
          account = posted(account, { at: now, kind: 'reserve', amount: -one.amount });
        }
        expect(account.balance).toBeGreaterThanOrEqual(0);
        expect(sum(account)).toBe(account.balance);
      }
    }),
  );
});

describe('warningLevel', () => {
  it.each([
    { balance: 5_000, level: undefined },
    { balance: 1_001, level: undefined },
    { balance: 1_000, level: 80 },
    { balance: 1, level: 80 },
    { balance: 0, level: 100 },
    // More than a month's credits: some were bought.
    { balance: 9_000, level: undefined },
  ])('of $balance credits left of 5,000 is $level', ({ balance, level }) => {
    expect(warningLevel({ plan: 'builder' }, balance)).toBe(level);
  });
});
