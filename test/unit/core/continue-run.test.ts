import { describe, expect, it } from 'vitest';
import { closeRun } from '#core/runs/close-run';
import type { Run } from '#core/runs/run';
import { carriedRun } from '#test/helpers/carried-run';
import { ref } from '#test/helpers/engine-world';
import { versionOf } from '#test/helpers/memory-ports';

const version = versionOf([
  ['first', 'echo', { value: 1 }],
  ['second', 'echo', { value: 2 }],
]);
const TICK_MS = 20_000;

const world = (run: Partial<Run>) => carriedRun(version, run);

describe('continueRun behind another worker', () => {
  it('frees the run of one that has died within a minute and a beat, and goes on', async () => {
    const { carryOn, clock, runs, seen } = world({
      epoch: 1,
      claim: { owner: 'dead', epoch: 1, beat: 0 },
      claims: 1,
    });
    const startedAt = clock.now();

    for (let turn = 0; runs.get('run_1').status !== 'success'; turn += 1) {
      expect(turn, 'it goes on for ever').toBeLessThan(20);
      const directive = await carryOn();
      if (directive.next === 'wait') clock.advance(Date.parse(directive.until) - clock.now());
    }

    expect(clock.now() - startedAt).toBeGreaterThanOrEqual(60_000);
    expect(clock.now() - startedAt).toBeLessThanOrEqual(80_000);
    expect(seen).toHaveLength(2);
  });

  it('leaves one alone that says that it is alive, however late', async () => {
    const { carryOn, clock, runs, seen } = world({
      epoch: 1,
      claim: { owner: 'alive', epoch: 1, beat: 0 },
    });

    for (let beat = 1; beat <= 30; beat += 1) {
      expect(await carryOn()).toMatchObject({ next: 'wait' });
      clock.advance(TICK_MS);
      if (beat % 2 === 0) await runs.store.renew({ ...ref, owner: 'alive', epoch: 1 }, beat);
    }

    expect(runs.get('run_1').claim?.owner).toBe('alive');
    expect(seen).toEqual([]);
  });

  it('goes on at once when the other has let go meanwhile', async () => {
    const { carryOn, deps, runs } = world({
      epoch: 1,
      claim: { owner: 'other', epoch: 1, beat: 0 },
    });
    const { find } = deps.runs;
    deps.runs.find = async (one) => {
      const pause = { workedMs: 0, records: [] };
      await runs.store.release({ ...ref, owner: 'other', epoch: 1 }, pause);
      return find(one);
    };

    expect(await carryOn()).toEqual({ next: 'continue' });
  });
});

describe('continueRun whose worker stood still and lost the run', () => {
  it('goes on with it: the workflow does not end before the run', async () => {
    const { carryOn, onAct, runs, seen } = world({});
    let isTaken = false;
    onAct(async () => {
      if (isTaken) return;
      isTaken = true;
      await runs.store.breakClaim(runs.get('run_1'), '2030-01-01T00:00:00.000Z', true);
    });

    expect(await carryOn()).toEqual({ next: 'continue' });
    expect(await carryOn()).toEqual({ next: 'done' });

    expect(runs.get('run_1').status).toBe('success');
    expect(seen.map(({ key }) => key)).toEqual(['run_1:0', 'run_1:0', 'run_1:1']);
  });

  it('ends with it when it was closed meanwhile', async () => {
    const { carryOn, deps, onAct, runs } = world({});
    onAct(() => closeRun(ref, { code: 'workflow_stopped', message: 'Stopped.' }, deps));

    expect(await carryOn()).toEqual({ next: 'done' });

    expect(runs.get('run_1').status).toBe('failed');
  });
});
