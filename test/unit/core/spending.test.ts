import { expect, it } from 'vitest';
import { type LedgerEntry, openAccount } from '#core/limits/credits';
import { spendingByDay } from '#core/limits/spending';
import { memoryCredits } from '#test/helpers/memory-ports';

const NOW = Date.parse('2026-11-22T09:20:00.000Z');
const DAY = 86_400_000;

/** An account's last fourteen days, after these entries. */
async function spentAfter(entries: readonly LedgerEntry[]) {
  const { store, accounts } = memoryCredits();
  accounts.set('alice', { ...openAccount('alice', 'pro', NOW - 30 * DAY), recent: entries });
  while ((accounts.get('alice')?.recent.length ?? 0) >= 10) {
    await store.fold((await store.find('alice')) ?? openAccount('alice', 'pro', NOW));
  }
  return spendingByDay('alice', { credits: store, clock: { now: () => NOW } });
}

const taken = (at: number, credits: number): LedgerEntry => ({
  at,
  kind: 'reserve',
  amount: -credits,
  runId: 'run_1',
});

it('adds up what runs took on each day, however many entries that are', async () => {
  const many = Array.from({ length: 2_345 }, () => taken(NOW - DAY, 2));

  const { days, truncated } = await spentAfter([...many, taken(NOW, 3)]);

  expect(days).toHaveLength(14);
  expect(days[0]).toEqual({ date: '2026-11-09', credits: 0 });
  expect(days.slice(-2)).toEqual([
    { date: '2026-11-21', credits: 4_690 },
    { date: '2026-11-22', credits: 3 },
  ]);
  expect(truncated).toBe(false);
});

it('takes off what came back, and leaves out what was given and what is older', async () => {
  const { days } = await spentAfter([
    taken(NOW - 14 * DAY, 100),
    taken(NOW, 10),
    { at: NOW, kind: 'refund', amount: 4, runId: 'run_1' },
    { at: NOW, kind: 'adjustment', amount: 500, reason: 'a gift' },
  ]);

  expect(days.at(-1)).toEqual({ date: '2026-11-22', credits: 6 });
  expect(days.slice(0, -1).every(({ credits }) => credits === 0)).toBe(true);
});

it('says so when there were more entries than it looks at', async () => {
  const { days, truncated } = await spentAfter(Array.from({ length: 20_500 }, () => taken(NOW, 1)));

  expect(truncated).toBe(true);
  expect(days.at(-1)?.credits).toBeGreaterThan(19_000);
});
