import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { ActionUnavailableError, RunCancelledError } from '#core/errors';
import { takeUp } from '#core/runs/take-up';
import { plenty, ref } from '#test/helpers/engine-world';
import { echo, loop, workflowWorld as world } from '#test/helpers/workflow-world';

describe('cancelling', () => {
  it('lets the step in flight end, and starts nothing after it', async () => {
    const { deps, runs, values, onAct } = world([echo('a', 1), echo('b', 2)]);
    onAct(() => runs.store.requestCancel(runs.get('run_1'), '2026-11-22T09:00:01.000Z'));

    expect(await takeUp(ref, deps, plenty)).toEqual({ next: 'done', status: 'cancelled' });
    expect(values()).toEqual([1]);
    expect(runs.get('run_1')).toMatchObject({
      status: 'cancelled',
      steps: { '0': { status: 'success' } },
    });
  });

  it('counts also during the last step, and during a failing one', async () => {
    for (const fails of [false, true]) {
      const { deps, runs, onAct } = world([echo('a', 1)]);
      onAct(async () => {
        await runs.store.requestCancel(runs.get('run_1'), '2026-11-22T09:00:01.000Z');
        if (fails) throw new ActionUnavailableError('busy');
      });
      expect(await takeUp(ref, deps, plenty)).toEqual({ next: 'done', status: 'cancelled' });
    }
  });

  it('stops a loop', async () => {
    const { deps, runs, clock, values, onAct } = world([
      loop('l', [1, 2, 3, 4], [echo('x', '{{item}}')]),
    ]);
    onAct(async (value) => {
      clock.advance(1_000);
      if (value === 2)
        await runs.store.requestCancel(runs.get('run_1'), '2026-11-22T09:00:01.000Z');
    });

    expect(await takeUp(ref, deps, plenty)).toEqual({ next: 'done', status: 'cancelled' });
    expect(values()).toEqual([1, 2]);
  });

  it('starts no item of a loop before it is known that the run is to go on', async () => {
    const { deps, runs, clock, values, onAct } = world([
      loop('l', [1, 2, 3, 4], [echo('x', '{{item}}')], { concurrency: 2 }),
    ]);
    onAct((value) => value === 2 && clock.advance(250));
    const answer = Promise.withResolvers<void>();
    const asked = vi.fn(() => answer.promise);

    const taken = takeUp(ref, { ...deps, runs: { ...runs.store, check: asked } }, plenty);
    await vi.waitFor(() => expect(asked).toHaveBeenCalled());
    await setImmediate();
    expect(values()).toEqual([1, 2]);
    answer.reject(new RunCancelledError('Somebody asked to cancel this run.'));

    expect(await taken).toEqual({ next: 'done', status: 'cancelled' });
    expect(values()).toEqual([1, 2]);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('stops a run whose worker took long to come to its first step', async () => {
    const { deps, runs, clock, values } = world([echo('a', 1)]);
    const version: typeof deps.agents.version = async (...of) => {
      clock.advance(250);
      await runs.store.requestCancel(runs.get('run_1'), '2026-11-22T09:00:01.000Z');
      return deps.agents.version(...of);
    };

    const taken = await takeUp(ref, { ...deps, agents: { version } }, plenty);

    expect(taken).toEqual({ next: 'done', status: 'cancelled' });
    expect(values()).toEqual([]);
  });

  it('ends a run whose worker died after it was asked for', async () => {
    const { deps, runs, values } = world(
      [echo('a', 1)],
      {},
      { cancelRequestedAt: '2026-11-22T09:00:01.000Z' },
    );
    expect(await takeUp(ref, deps, plenty)).toEqual({ next: 'done', status: 'cancelled' });
    expect(values()).toEqual([]);
    expect(runs.get('run_1').status).toBe('cancelled');
  });
});
