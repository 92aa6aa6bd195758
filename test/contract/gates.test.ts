import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gate } from '#core/limits/slots';
import { openLimits } from '#test/contract/limits-world';

const world = await openLimits();
afterAll(() => world.close());

const runIds = (count: number) =>
  Array.from({ length: count }, (_, n) => `run_${String(n).padStart(26, '0')}`);

const take = (gate: Gate, ids: readonly string[]) =>
  Promise.all(ids.map((id) => world.slots.take(gate, id)));

const leave = (gate: Gate, ids: readonly string[]) =>
  Promise.all(
    ids.map((runId) =>
      world.slots.exchange(gate, { out: { runId, settledCredits: 2 }, line: 'unmarked' }),
    ),
  );

const times = <Answer>(count: number, answer: Answer) =>
  Array.from({ length: count }, () => answer);

describe('runs that come to a gate and leave it at the same moment', () => {
  const gate = { userId: 'together', limit: 20 };
  const ids = runIds(30);

  // The first that ever come to a gate bring its map of runs along, one by one.
  beforeAll(() => take(gate, ids.slice(0, 1)));

  it('get as many slots as there are', async () => {
    expect(await take(gate, ids)).toEqual([...times(20, 'taken'), ...times(10, 'full')]);
    expect((await world.slots.read(gate)).holders.toSorted()).toEqual(ids.slice(0, 20));
  });

  it('keep those that they have', async () => {
    const [twice = '', other = ''] = ids;
    const answers = await take(gate, [twice, ids[25] ?? '', twice, other]);

    expect(answers).toEqual(['taken', 'full', 'taken', 'taken']);
  });

  it('give back their own, and settle what each has used', async () => {
    const leaving = [...ids.slice(0, 5), ids[28] ?? '', ids[0] ?? ''];

    const left = await leave(gate, leaving);

    expect(left.map(({ isMade }) => isMade)).toEqual([...times(5, true), false, false]);
    const state = await world.slots.read(gate);
    expect(state.holders.toSorted()).toEqual(ids.slice(5, 20));
    expect(state.settled).toBe(10);
  });

  it('take over in the same write what others give back', async () => {
    await take(gate, ids.slice(0, 5));

    const [left, taken] = await Promise.all([
      leave(gate, ids.slice(0, 8)),
      take(gate, ids.slice(20, 30)),
    ]);

    expect(left.every(({ isMade }) => isMade)).toBe(true);
    expect(taken).toEqual([...times(8, 'taken'), ...times(2, 'full')]);
    expect((await world.slots.read(gate)).holders).toHaveLength(20);
  });

  it('do not overtake who is parked, nor leave without handing on', async () => {
    const crowded = { userId: 'parked', limit: 4 };
    await take(crowded, ids.slice(0, 1));
    await take(crowded, ids.slice(1, 3));
    await world.slots.park(crowded, { runId: ids[29] ?? '' });

    const [taken, left] = await Promise.all([
      take(crowded, ids.slice(2, 5)),
      leave(crowded, ids.slice(0, 2)),
    ]);

    expect(taken).toEqual(['taken', 'full', 'full']);
    expect(left).toMatchObject(times(2, { isMade: false, state: { parkings: 1 } }));
    expect((await world.slots.read(crowded)).holders.toSorted()).toEqual(ids.slice(0, 3));
  });

  it('are not let in while their user is suspended, but may leave', async () => {
    const suspended = { userId: 'suspended', limit: 4 };
    await take(suspended, ids.slice(0, 1));
    await take(suspended, ids.slice(1, 3));
    await world.slots.suspend('suspended', true);

    const [taken, left] = await Promise.all([
      take(suspended, ids.slice(2, 5)),
      leave(suspended, ids.slice(0, 2)),
    ]);

    expect(taken).toEqual(times(3, 'suspended'));
    expect(left.map(({ isMade }) => isMade)).toEqual([true, true]);
    expect((await world.slots.read(suspended)).holders).toEqual(ids.slice(2, 3));
  });
});
