import { describe, expect, it } from 'vitest';
import { ActionRejectedError } from '#core/errors';
import { openAccount } from '#core/limits/credits';
import { closeRun } from '#core/runs/close-run';
import { takeUp } from '#core/runs/take-up';
import { plenty, ref } from '#test/helpers/engine-world';
import { control, echo, loop, workflowWorld } from '#test/helpers/workflow-world';

const NOTHING = { creditsReserved: 0 };

/** A world whose user has so many credits left. */
function world(balance: number, ...[actions, trigger]: Parameters<typeof workflowWorld>) {
  const made = workflowWorld(actions, trigger, NOTHING);
  const { clock, credits, runs } = made;
  credits.accounts.set('alice', { ...openAccount('alice', 'pro', clock.now()), balance });
  const { reserve } = runs.store;
  runs.store.reserve = async (claim, admission, ...given) => {
    const { account } = admission;
    const left = account.balance - admission.credits;
    credits.accounts.set('alice', { ...account, balance: left });
    return reserve(claim, admission, ...given);
  };
  const totals = () => {
    const { creditsReserved, creditsCharged } = runs.get('run_1');
    return { creditsReserved, creditsCharged };
  };
  const reservations = () => runs.writes.filter((write) => write.startsWith('reserve'));
  return { ...made, totals, reservations };
}

describe('a loop', () => {
  it('reserves what all its items may cost before the first one, once', async () => {
    const { run, totals, reservations } = world(6, [
      loop('l', [1, 2, 3], [echo('x', '{{item}}'), echo('y', '{{item}}')]),
    ]);

    expect(await run()).toEqual({ next: 'done', status: 'success' });
    expect(reservations()).toEqual(['reserve 6 0']);
    expect(totals()).toEqual({ creditsReserved: 6, creditsCharged: 6 });
  });

  it('that is dearer than what is left fails before its first item, and says what to do', async () => {
    const { run, runs, values, totals } = world(5, [
      echo('before', 0),
      loop('l', [1, 2, 3], [echo('x', '{{item}}'), echo('y', '{{item}}')]),
    ]);

    expect(await run()).toEqual({ next: 'done', status: 'failed' });
    expect(values()).toEqual([0]);
    expect(runs.get('run_1').error).toEqual({
      code: 'insufficient_credits',
      message:
        'The 3 items of this loop may cost 6 credits, and 5 are left. Buy credits, change the plan, or wait for next month; then replay the run from this step.',
    });
    expect(totals().creditsReserved).toBe(0);
  });

  it('that may fail lets the run go on without it', async () => {
    const costly = { ...loop('l', [1, 2], [echo('x', '{{item}}')]), on_error: 'continue' as const };
    const { run, values } = world(1, [costly, echo('after', 'after')]);

    expect(await run()).toEqual({ next: 'done', status: 'success' });
    expect(values()).toEqual(['after']);
  });

  it('of free steps reserves nothing', async () => {
    const { run, reservations } = world(0, [
      loop('l', [1, 2], [control('d', 'delay', { seconds: 1 })]),
    ]);

    expect(await run()).toEqual({ next: 'done', status: 'success' });
    expect(reservations()).toEqual([]);
  });

  it('is charged for the steps that ran, when an item fails', async () => {
    const { run, totals, onAct } = world(100, [
      loop('l', [1, 2, 3, 4], [echo('x', '{{item}}'), echo('y', '{{item}}')]),
    ]);
    let calls = 0;
    onAct(() => {
      calls += 1;
      if (calls === 3) throw new ActionRejectedError('No.');
    });

    expect(await run()).toEqual({ next: 'done', status: 'failed' });
    expect(totals()).toEqual({ creditsReserved: 8, creditsCharged: 3 });
  });

  it('does not reserve again after a wait', async () => {
    const { run, totals, reservations } = world(3, [
      loop('l', [1, 2, 3], [control('d', 'delay', { seconds: 60 }), echo('x', '{{item}}')]),
    ]);

    expect(await run()).toEqual({ next: 'done', status: 'success' });
    expect(reservations()).toHaveLength(1);
    expect(totals()).toEqual({ creditsReserved: 3, creditsCharged: 3 });
  });

  it('in a loop reserves for itself, item by item', async () => {
    const { run, totals, reservations } = world(
      20,
      [
        loop('outer', '{{trigger.body}}', [
          echo('a', 1),
          loop('inner', '{{item}}', [echo('b', 2)]),
        ]),
      ],
      [[1, 2], [], [3, 4, 5]],
    );

    expect(await run()).toEqual({ next: 'done', status: 'success' });
    expect(reservations()).toEqual([
      'reserve 3 0',
      'reserve 2 0[0].0 0[0].1',
      'reserve 3 0[2].0 0[2].1',
    ]);
    expect(totals()).toEqual({ creditsReserved: 8, creditsCharged: 8 });
  });

  it('in a loop that finds nothing left fails the run; what was done stays charged', async () => {
    const { run, runs, totals } = world(
      4,
      [
        loop('outer', '{{trigger.body}}', [
          echo('a', 1),
          loop('inner', '{{item}}', [echo('b', 2)]),
        ]),
      ],
      [[1, 2], [3]],
    );

    expect(await run()).toEqual({ next: 'done', status: 'failed' });
    expect(runs.get('run_1').error).toMatchObject({
      code: 'insufficient_credits',
      message: expect.stringContaining('Item 2: The 1 item of this loop may cost 1 credit'),
    });
    expect(totals()).toEqual({ creditsReserved: 4, creditsCharged: 4 });
  });

  it('that is cancelled in its middle is charged for what was done', async () => {
    const { run, runs, clock, onAct, totals } = world(10, [
      loop('l', [1, 2, 3, 4], [echo('x', '{{item}}')]),
    ]);
    onAct(async (value) => {
      clock.advance(1_000);
      if (value !== 3) return;
      await runs.store.requestCancel(runs.get('run_1'), '2026-11-22T09:00:01.000Z');
    });

    expect(await run()).toEqual({ next: 'done', status: 'cancelled' });
    expect(totals()).toEqual({ creditsReserved: 4, creditsCharged: 3 });
  });

  it('whose worker died is charged for what was done, when its run is closed', async () => {
    const { deps, totals } = world(10, [loop('l', [0, 1, 2, 3], [echo('x', '{{item}}')])]);
    const { saveItem } = deps.runs;
    let writes = 0;
    const dying = {
      ...deps.runs,
      saveItem: async (...args: Parameters<typeof saveItem>) => {
        writes += 1;
        if (writes > 2) throw new Error('the power is gone');
        await saveItem(...args);
      },
      release: () => Promise.reject(new Error('gone')),
    };
    await expect(takeUp(ref, { ...deps, runs: dying }, plenty)).rejects.toThrow('power');

    await closeRun(ref, { code: 'workflow_ended', message: 'It ended.' }, deps);

    expect(totals()).toEqual({ creditsReserved: 4, creditsCharged: 2 });
  });
});
