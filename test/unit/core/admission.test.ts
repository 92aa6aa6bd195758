import { expect, it } from 'vitest';
import { admitRun } from '#core/limits/admission';
import { openAccount } from '#core/limits/credits';
import { handClock, memoryCredits } from '#test/helpers/memory-ports';

it.each([
  { balance: 200, cost: 201, warned: [] },
  { balance: 41, cost: 50, warned: [] },
  { balance: 2, cost: 3, warned: [100] },
  { balance: 0, cost: 1, warned: [100] },
  { balance: 41, cost: 1, warned: [80] },
  { balance: 1, cost: 1, warned: [100] },
  { balance: 200, cost: 1, warned: [] },
])('a run of $cost credits with $balance of 200 left warns of $warned', async (given) => {
  const clock = handClock();
  const { store, accounts } = memoryCredits();
  const { balance } = given;
  accounts.set('alice', { ...openAccount('alice', 'free', clock.now()), balance });
  const warned: number[] = [];
  const noteLow = async (_: unknown, level: number) => void warned.push(level);
  const deps = { credits: { ...store, noteLow }, clock };

  await admitRun('alice', given.cost, deps, async () => ({ outcome: 'created' })).catch(() => {});

  expect(warned).toEqual(given.warned);
});
