import { describe, expect, it } from 'vitest';
import type { Run } from '#core/runs/run';
import { recoverAll, sweep } from '#core/runs/sweep';
import { memoryApprovals } from '#test/helpers/memory-approvals';
import {
  handClock,
  memoryCredits,
  memoryMetrics,
  memoryRuns,
  queuedRun,
} from '#test/helpers/memory-ports';
import { memorySchedules } from '#test/helpers/memory-schedules';

const MINUTE = 60_000;

function world(...initial: Partial<Run>[]) {
  const runs = memoryRuns(initial.map(queuedRun));
  const clock = handClock();
  const queued: string[] = [];
  const deps = {
    agents: { find: async () => undefined },
    schedules: memorySchedules().store,
    timetable: memorySchedules().timetable,
    approvals: memoryApprovals().store,
    workflow: { wake: async () => undefined },
    runs: runs.store,
    credits: memoryCredits().store,
    queue: { enqueue: async ({ runId }: { runId: string }) => void queued.push(runId) },
    clock,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    metrics: memoryMetrics().metrics,
    tendHealth: async () => {},
    tendWarning: async () => {},
    tendUsage: async () => {},
    pause: { find: async () => undefined },
  };
  return { deps, runs, clock, queued };
}

describe('sweep', () => {
  it('leaves a run alone before its due time', async () => {
    const { deps, queued } = world({});
    await sweep(deps);
    expect(queued).toEqual([]);
  });

  it('enqueues a run that nobody took up, less often the older it gets', async () => {
    const { deps, clock, queued } = world({});
    for (let minute = 1; minute <= 60; minute += 1) {
      clock.advance(MINUTE);
      await sweep(deps);
    }
    expect(queued.length).toBeGreaterThan(3);
    expect(queued.length).toBeLessThan(10);
  });

  it('does not disturb a worker whose beat moves', async () => {
    const { deps, runs, clock, queued } = world({ claim: { owner: 'w', epoch: 1, beat: 0 } });
    for (let minute = 1; minute <= 5; minute += 1) {
      clock.advance(MINUTE);
      await runs.store.renew({ userId: 'alice', runId: 'run_1', owner: 'w', epoch: 1 }, minute);
      await sweep(deps);
    }
    expect(queued).toEqual([]);
    expect(runs.get('run_1').claim?.owner).toBe('w');
  });

  it('frees a run whose worker has not beaten between two looks', async () => {
    const { deps, runs, clock, queued } = world({ claim: { owner: 'w', epoch: 1, beat: 4 } });
    clock.advance(MINUTE);
    await sweep(deps);
    expect(queued).toEqual([]);

    clock.advance(MINUTE);
    await sweep(deps);

    expect(queued).toEqual(['run_1']);
    expect(runs.get('run_1').claim).toBeUndefined();
  });

  it('tends the other runs when one cannot be read', async () => {
    const { deps, clock, queued } = world({ runId: 'run_bad' }, { runId: 'run_good' });
    const find = deps.runs.find;
    deps.runs.find = async (ref) => {
      if (ref.runId === 'run_bad') throw new Error('unreadable');
      return find(ref);
    };
    clock.advance(MINUTE);

    await sweep(deps);

    expect(queued).toEqual(['run_good']);
  });
});

describe('recoverAll', () => {
  it('frees and enqueues every open run at once, whatever its claim says', async () => {
    const { deps, runs, queued } = world(
      { runId: 'run_held', claim: { owner: 'w', epoch: 3, beat: 2 } },
      { runId: 'run_free' },
    );

    const report = await recoverAll(deps);

    expect(queued.toSorted()).toEqual(['run_free', 'run_held']);
    expect(report.enqueued).toBe(2);
    expect(runs.get('run_held').claim).toBeUndefined();
  });

  it('adds one message, however often it is done, for a run that nobody has begun', async () => {
    const { deps, queued } = world({ runId: 'run_1' }, { runId: 'run_2' });

    for (let start = 1; start <= 5; start += 1) await recoverAll(deps);

    expect(queued.toSorted()).toEqual(['run_1', 'run_2']);
  });
});
