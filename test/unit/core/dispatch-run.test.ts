import { describe, expect, it } from 'vitest';
import type { AgentVersion } from '#core/agents/agent';
import { ActionUnavailableError } from '#core/errors';
import { dispatchRun } from '#core/runs/dispatch-run';
import { engineWorld, plenty, ref } from '#test/helpers/engine-world';
import { versionOf } from '#test/helpers/memory-ports';

const single = versionOf([['only', 'echo', { value: 1 }]]);
const chain = versionOf([
  ['first', 'echo', { value: 1 }],
  ['second', 'echo', { value: 2 }],
]);
const retry = {
  max_attempts: 3,
  initial_delay_seconds: 2,
  backoff_rate: 2,
  max_delay_seconds: 3_600,
};
const retried = { ...single, settings: { ...single.settings, retry } };

describe('a message about a run', () => {
  it('with a single action is worked off at once', async () => {
    const { deps, runs, started } = engineWorld(single);

    expect(await dispatchRun(ref, deps, plenty)).toEqual({ next: 'done', status: 'success' });
    expect(runs.get('run_1').status).toBe('success');
    expect(started).toEqual([]);
  });

  it('whose last step ends after the time that the run may take, has done all that it should', async () => {
    const { deps, onAct, clock } = engineWorld(single);
    onAct(() => clock.advance(901_000));

    expect(await dispatchRun(ref, deps, plenty)).toEqual({ next: 'done', status: 'success' });
  });

  it('that finds no slot puts it into the line, unclaimed, and starts it when it is called', async () => {
    const { deps, runs, seen } = engineWorld(single);
    let outcome: 'full' | 'taken' = 'full';
    const parked: string[] = [];
    const slots = {
      ...deps.slots,
      take: async () => outcome,
      park: async (_gate: unknown, { runId }: { runId: string }) => {
        parked.push(runId);
        return { holders: [], settled: 0, isSuspended: false };
      },
    };

    expect(await dispatchRun(ref, { ...deps, slots }, plenty)).toEqual({ next: 'carried' });
    expect(parked).toEqual(['run_1']);
    expect(seen).toEqual([]);
    expect(runs.get('run_1')).toMatchObject({
      status: 'waiting',
      waitingFor: { kind: 'slot', limit: 25, of: 'user' },
      epoch: 0,
    });
    expect(runs.get('run_1').startedAt).toBeUndefined();

    outcome = 'taken';
    await dispatchRun(ref, { ...deps, slots }, plenty);
    expect(runs.get('run_1')).toMatchObject({ status: 'success', epoch: 1 });
  });

  it('with several steps starts its workflow, however often it comes', async () => {
    const { deps, runs, seen, started } = engineWorld(chain);

    expect(await dispatchRun(ref, deps, plenty)).toEqual({ next: 'carried' });
    expect(await dispatchRun(ref, deps, plenty)).toEqual({ next: 'carried' });

    expect(started).toEqual(['run_1', 'run_1']);
    expect(seen).toEqual([]);
    expect(runs.get('run_1').status).toBe('queued');
  });

  it('whose workflow has ended before it fails it', async () => {
    const { deps, runs, onStart } = engineWorld(chain);
    onStart('ended');

    await dispatchRun(ref, deps, plenty);
    await dispatchRun(ref, deps, plenty);

    expect(runs.get('run_1')).toMatchObject({
      status: 'failed',
      error: { code: 'workflow_ended' },
    });
    expect(runs.writes).toEqual(['close failed']);
  });

  it('that is over has nothing to do', async () => {
    const { deps, runs, seen, started } = engineWorld(chain, { status: 'cancelled' });

    expect(await dispatchRun(ref, deps, plenty)).toEqual({ next: 'stop' });
    expect(await dispatchRun({ ...ref, runId: 'run_none' }, deps, plenty)).toEqual({
      next: 'stop',
    });
    expect([seen, started, runs.writes]).toEqual([[], [], []]);
  });

  it('that waits for its next attempt comes again when it is due', async () => {
    const { deps, clock, delays, onAct } = engineWorld(retried);
    onAct(() => {
      throw new ActionUnavailableError('It is busy.');
    });

    await dispatchRun(ref, deps, plenty);
    clock.advance(2_000);
    await dispatchRun(ref, deps, plenty);

    expect(delays).toEqual([2, 4]);
  });

  it('that waits longer than a message can is left to the sweeper', async () => {
    const { deps, runs, clock, delays, onAct } = engineWorld(retried);
    onAct(() => {
      throw new ActionUnavailableError('429', { retryAfterSeconds: 3_000 });
    });

    await dispatchRun(ref, deps, plenty);

    expect(delays).toEqual([]);
    expect(runs.get('run_1').dueAt).toBe(new Date(clock.now() + 3_000_000).toISOString());
  });
});

describe('a run of several steps that enters the workflow only to wait', () => {
  const waits = versionOf([
    ['first', 'echo', { value: 1 }],
    ['later', 'delay', { seconds: 3_600 }],
    ['second', 'echo', { value: 2 }],
  ]);
  const waitsOnly = (version: AgentVersion) => {
    const world = engineWorld(version);
    return { ...world, deps: { ...world.deps, enterWorkflow: 'waits-only' as const } };
  };

  it('is executed at once, and never enters it when it need not wait', async () => {
    const { deps, runs, seen, started } = waitsOnly(chain);

    expect(await dispatchRun(ref, deps, plenty)).toMatchObject({ next: 'done' });

    expect(runs.get('run_1').status).toBe('success');
    expect(seen).toHaveLength(2);
    expect(started).toEqual([]);
  });

  it('is handed over at its first wait, with what is to be waited for', async () => {
    const { deps, runs, clock, seen, started, begun } = waitsOnly(waits);

    expect(await dispatchRun(ref, deps, plenty)).toEqual({ next: 'carried' });

    const until = new Date(clock.now() + 3_600_000).toISOString();
    expect(runs.get('run_1')).toMatchObject({ status: 'waiting', waitingFor: { until } });
    expect(seen).toHaveLength(1);
    expect(started).toEqual(['run_1']);
    expect(begun).toEqual([{ next: 'wait', until }]);
  });

  it('whose worker died before it was handed over is handed over by the next message', async () => {
    const { deps, begun } = waitsOnly(waits);
    const { start } = deps.workflow;
    deps.workflow.start = () => Promise.reject(new Error('The process has died.'));
    await expect(dispatchRun(ref, deps, plenty)).rejects.toThrow('died');
    deps.workflow.start = start;

    expect(await dispatchRun(ref, deps, plenty)).toEqual({ next: 'carried' });

    expect(begun).toMatchObject([{ next: 'wait' }]);
  });

  it('that asks for an approval is made sure of soon until the workflow has it', async () => {
    const { deps, runs, clock } = waitsOnly(
      versionOf([['ask', 'approval', { message: 'Go on?' }]]),
    );
    const { start } = deps.workflow;
    const dueAt = () => Date.parse(runs.get('run_1').dueAt ?? '') - clock.now();
    let dueBefore = Number.POSITIVE_INFINITY;
    deps.workflow.start = async (...given) => {
      dueBefore = dueAt();
      return start(...given);
    };

    await dispatchRun(ref, deps, plenty);

    expect(runs.get('run_1').status).toBe('waiting_approval');
    expect(dueBefore).toBe(60_000);
    expect(dueAt()).toBeGreaterThan(7 * 86_400_000);
  });

  it('enters it with its first step when one takes long', async () => {
    const [first, second] = chain.actions;
    if (!first || !second) throw new Error('The chain has two steps.');
    const actions = [first, { ...second, timeout_seconds: 600 }];
    const { deps, seen, started } = waitsOnly({ ...chain, actions });

    expect(await dispatchRun(ref, deps, plenty)).toEqual({ next: 'carried' });

    expect(started).toEqual(['run_1']);
    expect(seen).toEqual([]);
  });
});
