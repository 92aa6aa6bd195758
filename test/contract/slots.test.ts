import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import {
  callIfLetIn,
  type Gate,
  leaveGates,
  mendGate,
  passGates,
  type SlotDeps,
  type SlotStore,
} from '#core/limits/slots';
import { openLimits } from '#test/contract/limits-world';
import { eventually } from '#test/helpers/eventually';

const world = await openLimits();
/** Attempts that nobody waits for; they must not outlive the table. */
const attempts = new Set<Promise<void>>();
afterAll(async () => {
  while (attempts.size > 0) await Promise.all(attempts);
  await world.close();
});

/** Runs that pass gates, work for a moment and leave; what AWS would carry is carried here. */
function office(gates: readonly Gate[], workMs = 5, slots: SlotStore = world.slots) {
  const [{ userId } = { userId: '' }] = gates;
  const behind = new Set<string>();
  const claimed = new Set<string>();
  const finished: string[] = [];
  const begun: string[] = [];
  let most = 0;
  let isCrashing = (_runId: string) => false;

  function attempt(runId: string): Promise<void> {
    const attempted = execute(runId).finally(() => attempts.delete(attempted));
    attempts.add(attempted);
    return attempted;
  }

  async function execute(runId: string): Promise<void> {
    // As a worker that claims the run first.
    if (finished.includes(runId)) return leaveGates({ userId, runId }, gates, 0, deps);
    if (claimed.has(runId)) return;
    claimed.add(runId);
    const passed = await passGates({ userId, runId }, gates, deps);
    claimed.delete(runId);
    if (passed.outcome === 'parked') await callIfLetIn({ userId, runId }, passed.gate, deps);
    if (passed.outcome !== 'passed') return;
    claimed.add(runId);
    behind.add(runId);
    begun.push(runId);
    most = Math.max(most, behind.size);
    await delay(workMs);
    behind.delete(runId);
    finished.push(runId);
    if (isCrashing(runId)) return;
    await leaveGates({ userId, runId }, gates, 1, deps);
  }

  const deps: SlotDeps = {
    slots,
    queue: { call: async ({ runId }) => void attempt(runId) },
    workflow: { wake: async (token) => void attempt(token.slice('token of '.length)) },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    runsOver: async (refs) =>
      refs
        .filter(({ runId }) => finished.includes(runId))
        .map(({ runId }) => ({ runId, settledCredits: 1 })),
  };
  return {
    deps,
    attempt,
    begun,
    finished,
    most: () => most,
    crashAt: (which: typeof isCrashing) => {
      isCrashing = which;
    },
  };
}

const runIds = (count: number) =>
  Array.from({ length: count }, (_, n) => `run_${String(n).padStart(26, '0')}`);

describe('slots', () => {
  it('are never more than the limit, and everybody gets one', async () => {
    const gate = { userId: 'many', limit: 5 };
    const { attempt, finished, most } = office([gate], 250);
    const ids = runIds(60);

    await Promise.all(ids.map((id) => attempt(id)));

    await eventually(() => expect(finished).toHaveLength(60), 15);
    expect(most()).toBe(5);
    await eventually(async () => expect((await world.slots.read(gate)).holders).toEqual([]));
    expect((await world.slots.read(gate)).settled).toBe(60);
  });

  it('are handed on in a few writes, however many leave at once', async () => {
    const gate = { userId: 'crowded', limit: 25 };
    let exchanges = 0;
    let unparked = 0;
    const counting: SlotStore = {
      ...world.slots,
      exchange(...args) {
        exchanges += 1;
        return world.slots.exchange(...args);
      },
      unpark(...args) {
        unparked += 1;
        return world.slots.unpark(...args);
      },
    };
    const { attempt, finished, most } = office([gate], 5, counting);
    const ids = runIds(200);

    for (const id of ids) void attempt(id);

    await eventually(() => expect(finished).toHaveLength(200), 60);
    expect(most()).toBeLessThanOrEqual(25);
    expect(unparked).toBeLessThanOrEqual(200);
    expect(exchanges / 200).toBeLessThan(6);
  });

  it('go to those who have waited longest', async () => {
    const { attempt, begun, finished } = office([{ userId: 'orderly', limit: 1 }], 20);
    const ids = runIds(8);

    for (const id of ids) void attempt(id);
    await eventually(() => expect(finished).toHaveLength(8), 20);

    // The first ones come at once, in any order; those that were parked go in turn.
    expect(begun.slice(1)).toEqual(begun.slice(1).toSorted());
  });

  it('are given to a run once, however often it is called', async () => {
    const gate = { userId: 'twice', limit: 2 };
    const { deps } = office([gate]);
    const ref = { userId: 'twice', runId: runIds(1)[0] ?? '' };

    await passGates(ref, [gate], deps);
    await passGates(ref, [gate], deps);

    expect((await world.slots.read(gate)).holders).toEqual([ref.runId]);
    await leaveGates(ref, [gate], 3, deps);
    await leaveGates(ref, [gate], 3, deps);
    expect(await world.slots.read(gate)).toMatchObject({ holders: [], settled: 3 });
  });

  it('of workers that died after their run ended are taken away when somebody waits', async () => {
    const gate = { userId: 'crashing', limit: 3 };
    const { attempt, finished, deps, crashAt, most } = office([gate]);
    const ids = runIds(20);
    crashAt((id) => ids.indexOf(id) % 4 === 0);

    for (const id of ids) void attempt(id);
    await eventually(async () => {
      await mendGate(gate, deps);
      expect(finished).toHaveLength(20);
    }, 30);

    expect(most()).toBeLessThanOrEqual(3);
    await mendGate(gate, deps);
    expect(await world.slots.read(gate)).toMatchObject({ holders: [], settled: 20 });
  });

  it('of an agent are fewer than those of its user', async () => {
    const gates = [
      { userId: 'narrow', agentId: 'agt_1', limit: 2 },
      { userId: 'narrow', limit: 5 },
    ];
    const { attempt, finished, most } = office(gates, 50);

    for (const id of runIds(20)) void attempt(id);

    await eventually(() => expect(finished).toHaveLength(20), 20);
    expect(most()).toBe(2);
  });

  it('call a run by the token of its state machine, and one whose token came late at once', async () => {
    const gate = { userId: 'carried', limit: 1 };
    const { attempt, finished, deps } = office([gate], 400);
    const [first = '', second = ''] = runIds(2);
    void attempt(first);
    await eventually(async () => expect((await world.slots.read(gate)).holders).toEqual([first]));

    expect((await passGates({ userId: 'carried', runId: second }, [gate], deps)).outcome).toBe(
      'parked',
    );
    expect(await world.slots.placeOf(gate, second)).toBe(0);
    const kept = await world.slots.keepToken(gate, second, `token of ${second}`);

    if (kept) await eventually(() => expect(finished).toEqual([first, second]));
    expect(await world.slots.keepToken(gate, second, 'too late')).toBe(false);
  });
});
