import { Session } from 'node:inspector/promises';
import { describe, expect, it } from 'vitest';
import type { Action } from '#core/action';
import { ActionRejectedError, ActionUnavailableError } from '#core/errors';
import { MAX_CLAIMS, takeUp, type WorkerDeps } from '#core/runs/take-up';
import { engineWorld, plenty, ref } from '#test/helpers/engine-world';
import { versionOf } from '#test/helpers/memory-ports';

const chain = versionOf([
  ['first', 'echo', { value: { n: '{{trigger.body.n}}' } }],
  ['second', 'echo', { value: '{{steps.first.output.n}}' }],
]);

async function collectGarbage(): Promise<void> {
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.collectGarbage');
  session.disconnect();
}

describe('takeUp', () => {
  it('runs the steps in order, hands outputs on with their types, and ends the run', async () => {
    const { deps, runs, seen } = engineWorld(chain);

    const directive = await takeUp(ref, deps, plenty);

    expect(directive).toEqual({ next: 'done', status: 'success' });
    expect(seen).toEqual([
      { config: { value: { n: 7 } }, key: 'run_1:0' },
      { config: { value: 7 }, key: 'run_1:1' },
    ]);
    expect(runs.get('run_1')).toMatchObject({ status: 'success', outputSummary: 'echoed' });
  });

  it('writes each result before the next step starts, and the last one with the end', async () => {
    const { deps, runs } = engineWorld(chain);

    await takeUp(ref, deps, plenty);

    expect(runs.writes).toEqual(['checkpoint 0', 'finish success']);
  });

  it('keeps nothing of a run that is over: a worker executes thousands', async () => {
    const { deps } = engineWorld(chain);
    const [echo] = deps.catalog.actions;
    const signals: WeakRef<AbortSignal>[] = [];
    const listening: Action = {
      ...(echo as Action),
      async run(context) {
        signals.push(new WeakRef(context.signal));
        return { output: { n: 1 }, summary: '' };
      },
    };

    await takeUp(ref, { ...deps, catalog: { actions: [], find: () => listening } }, plenty);
    await collectGarbage();

    expect(signals).toHaveLength(2);
    expect(signals.map((signal) => signal.deref())).toEqual([undefined, undefined]);
  });

  it('acts once when the message is delivered twice', async () => {
    const { deps, seen } = engineWorld(chain);

    await takeUp(ref, deps, plenty);
    const again = await takeUp(ref, deps, plenty);

    expect(again).toEqual({ next: 'stop' });
    expect(seen).toHaveLength(2);
  });

  it('leaves a run alone that another worker executes', async () => {
    const { deps, seen } = engineWorld(chain, { claim: { owner: 'other', epoch: 1, beat: 0 } });

    expect(await takeUp(ref, deps, plenty)).toEqual({ next: 'held' });
    expect(seen).toEqual([]);
  });

  it('goes on after the last finished step and does not run it again', async () => {
    const { deps, seen } = engineWorld(chain, {
      steps: {
        '0': {
          path: '0',
          index: 0,
          id: 'first',
          type: 'echo',
          status: 'success',
          attempts: 1,
          startedAt: '2026-11-22T09:00:00.000Z',
          finishedAt: '2026-11-22T09:00:01.000Z',
          output: { kind: 'inline', json: '{"n":41}' },
        },
      },
    });

    await takeUp(ref, deps, plenty);

    expect(seen).toEqual([{ config: { value: 41 }, key: 'run_1:1' }]);
  });

  it('stops writing as soon as another worker has taken the run over', async () => {
    const { deps, runs, seen, onAct } = engineWorld(chain);
    onAct(async () => {
      await runs.store.breakClaim(runs.get('run_1'), '2026-11-22T09:05:00.000Z', true);
      const at = '2026-11-22T09:00:10.000Z';
      await runs.store.claim(ref, 'worker-2', at, at);
    });

    const directive = await takeUp(ref, deps, plenty);

    expect(directive).toEqual({ next: 'stop' });
    expect(seen).toHaveLength(1);
    expect(runs.get('run_1')).toMatchObject({ status: 'running', claim: { owner: 'worker-2' } });
  });

  it.each([
    [
      new ActionRejectedError('The other side said no.'),
      'action_rejected',
      'The other side said no.',
    ],
    [new ActionUnavailableError('It is busy.'), 'action_unavailable', 'It is busy.'],
  ])('fails the run with what the action says: %s', async (error, code, message) => {
    const { deps, runs, seen, onAct } = engineWorld(chain);
    onAct(() => {
      throw error;
    });

    expect(await takeUp(ref, deps, plenty)).toEqual({ next: 'done', status: 'failed' });
    expect(runs.get('run_1').error).toEqual({ code, message });
    expect(runs.get('run_1').steps['0']).toMatchObject({ status: 'failed', error: { code } });
    expect(seen).toHaveLength(1);
  });

  it('tells a bug to our log and not to the owner', async () => {
    const { deps, runs, errors, onAct } = engineWorld(chain);
    onAct(() => {
      throw new TypeError('table "prod-x" is undefined');
    });

    await takeUp(ref, deps, plenty);

    expect(JSON.stringify(runs.get('run_1'))).not.toContain('prod-x');
    expect(errors).toHaveLength(1);
  });

  it('fails a step whose placeholder names something that is not there', async () => {
    const { deps, runs, seen } = engineWorld(
      versionOf([['only', 'echo', { value: '{{trigger.body.mail}}' }]]),
    );

    await takeUp(ref, deps, plenty);

    expect(runs.get('run_1').error?.message).toContain('mail');
    expect(seen).toEqual([]);
  });

  it('ends a step that takes longer than the run may', async () => {
    const { deps, runs, onAct } = engineWorld(versionOf([['only', 'echo', { value: 1 }]], 1));
    onAct(() => new Promise(() => {}));

    await takeUp(ref, deps, plenty);

    expect(runs.get('run_1').error?.message).toContain('limit of 1 s');
  });

  it('hands over to another invocation when too little time is left for the next step', async () => {
    const { deps, runs, seen } = engineWorld(chain);

    const directive = await takeUp(ref, deps, () => 60_000);

    expect(directive).toEqual({ next: 'continue' });
    expect(runs.get('run_1').claim).toBeUndefined();
    expect(await takeUp(ref, deps, () => 60_000)).toEqual({ next: 'done', status: 'success' });
    expect(seen.map(({ key }) => key)).toEqual(['run_1:0', 'run_1:1']);
  });

  it('gives up a run that keeps killing its worker, and puts it aside', async () => {
    const { deps, runs, buried, seen } = engineWorld(chain, { claims: MAX_CLAIMS - 1 });

    expect(await takeUp(ref, deps, plenty)).toEqual({ next: 'done', status: 'failed' });
    expect(runs.get('run_1').error?.code).toBe('worker_crashed');
    expect(buried).toEqual(['run_1']);
    expect(seen).toEqual([]);
  });

  it('gives the claim back when the store fails, so that the next delivery goes on', async () => {
    const { deps, runs, seen } = engineWorld(chain);
    let failures = 1;
    const checkpoint = deps.runs.checkpoint;
    const flaky: WorkerDeps = {
      ...deps,
      runs: {
        ...deps.runs,
        checkpoint: async (claim, record) => {
          failures -= 1;
          if (failures === 0) throw new Error('throttled');
          await checkpoint(claim, record);
        },
      },
    };

    await expect(takeUp(ref, flaky, plenty)).rejects.toThrow('throttled');
    expect(runs.get('run_1').claim).toBeUndefined();
    await takeUp(ref, flaky, plenty);

    expect(runs.get('run_1').status).toBe('success');
    expect(seen.map(({ key }) => key)).toEqual(['run_1:0', 'run_1:0', 'run_1:1']);
  });

  it('gives a run up when a store keeps failing under it', async () => {
    const { deps, runs, buried, seen } = engineWorld(chain, { faults: 20 });

    expect(await takeUp(ref, deps, plenty)).toEqual({ next: 'done', status: 'failed' });
    expect(runs.get('run_1').error?.code).toBe('internal_error');
    expect(buried).toEqual(['run_1']);
    expect(seen).toEqual([]);
  });

  it('ends a run whose agent was deleted before it started', async () => {
    const { deps, runs } = engineWorld(undefined);

    await takeUp(ref, deps, plenty);

    expect(runs.get('run_1')).toMatchObject({
      status: 'failed',
      error: { code: 'definition_missing' },
    });
  });
});

describe('a step that may succeed later', () => {
  const retry = {
    max_attempts: 3,
    initial_delay_seconds: 2,
    backoff_rate: 2,
    max_delay_seconds: 300,
  };
  const once = versionOf([['only', 'echo', { value: 1 }]]);
  const retried = { ...once, settings: { ...once.settings, retry } };
  const busyTimes = (times: number, error = new ActionUnavailableError('It is busy.')) => {
    let calls = 0;
    return () => {
      calls += 1;
      if (calls <= times) throw error;
    };
  };

  it('waits longer each time, holding nothing, and then goes on', async () => {
    const { deps, runs, clock, seen, onAct } = engineWorld(retried);
    onAct(busyTimes(2));

    const first = await takeUp(ref, deps, plenty);
    expect(first).toEqual({ next: 'wait', kind: 'retry', until: clock.now() + 2_000 });
    expect(runs.get('run_1')).toMatchObject({ status: 'waiting', waitingFor: { kind: 'retry' } });
    clock.advance(2_000);
    await takeUp(ref, deps, plenty);
    clock.advance(4_000);
    await takeUp(ref, deps, plenty);

    expect(new Set(seen.map(({ key }) => key))).toEqual(new Set(['run_1:0']));
    expect(runs.get('run_1')).toMatchObject({ status: 'success' });
    expect(runs.get('run_1').steps['0']).toMatchObject({ attempts: 3, status: 'success' });
    expect(runs.get('run_1').steps['0']?.failures).toHaveLength(2);
  });

  it('does not start before its time, however often it is delivered', async () => {
    const { deps, clock, seen, onAct } = engineWorld(retried);
    onAct(busyTimes(1));

    await takeUp(ref, deps, plenty);
    const until = clock.now() + 2_000;
    expect(await takeUp(ref, deps, plenty)).toEqual({ next: 'held', until });

    expect(seen).toHaveLength(1);
  });

  it('fails with the last error when every attempt failed', async () => {
    const { deps, runs, clock, seen, onAct } = engineWorld(retried);
    onAct(busyTimes(9));

    for (let delivery = 1; delivery <= 3; delivery += 1) {
      await takeUp(ref, deps, plenty);
      clock.advance(300_000);
    }

    expect(runs.get('run_1')).toMatchObject({
      status: 'failed',
      error: { message: 'It is busy.' },
    });
    expect(seen).toHaveLength(3);
  });

  it('waits as long as the other side asks, up to the longest wait', async () => {
    const { deps, clock, onAct } = engineWorld(retried);
    onAct(busyTimes(1, new ActionUnavailableError('429', { retryAfterSeconds: 3_600 })));

    expect(await takeUp(ref, deps, plenty)).toEqual({
      next: 'wait',
      kind: 'retry',
      until: clock.now() + 300_000,
    });
  });

  it('is not tried again when trying cannot help', async () => {
    const { deps, seen, onAct } = engineWorld(retried);
    onAct(busyTimes(1, new ActionRejectedError('No such address.') as never));

    expect(await takeUp(ref, deps, plenty)).toEqual({ next: 'done', status: 'failed' });
    expect(seen).toHaveLength(1);
  });

  it('does not count the wait as work', async () => {
    const { deps, runs, clock, onAct } = engineWorld({
      ...retried,
      settings: { ...retried.settings, max_run_seconds: 5 },
    });
    onAct(busyTimes(2));

    for (let delivery = 1; delivery <= 3; delivery += 1) {
      await takeUp(ref, deps, plenty);
      clock.advance(60_000);
    }

    expect(runs.get('run_1').status).toBe('success');
  });

  it('succeeds when the last step ends just at the limit of the run', async () => {
    const { deps, runs, clock, onAct } = engineWorld(
      versionOf([['only', 'echo', { value: 1 }]], 5),
    );
    onAct(() => clock.advance(6_000));

    await takeUp(ref, deps, plenty);

    expect(runs.get('run_1').status).toBe('success');
  });

  it('does not let the run go on beyond its time, whatever the step says', async () => {
    const version = versionOf(
      [
        ['first', 'echo', { value: 1 }],
        ['second', 'echo', { value: 2 }],
      ],
      5,
    );
    const actions = version.actions.map((step) => ({ ...step, on_error: 'continue' as const }));
    const { deps, runs, clock, seen, onAct } = engineWorld({ ...version, actions });
    onAct(() => clock.advance(6_000));

    await takeUp(ref, deps, plenty);

    expect(runs.get('run_1')).toMatchObject({ status: 'failed', error: { code: 'run_timeout' } });
    expect(seen).toHaveLength(1);
  });

  it('ends a run whose results outgrow what a run can hold', async () => {
    const many = Array.from({ length: 100 }, (_, n) => [`s${n}`, 'echo', { value: n }] as const);
    const version = versionOf(many);
    const actions = version.actions.map((step) => ({ ...step, on_error: 'continue' as const }));
    const { deps, runs, onAct } = engineWorld({ ...version, actions });
    onAct(() => {
      throw new ActionRejectedError('長'.repeat(2_000));
    });

    await takeUp(ref, deps, plenty);

    expect(runs.get('run_1').status).not.toBe('running');
    expect(Buffer.byteLength(JSON.stringify(runs.get('run_1')))).toBeLessThan(380_000);
  });

  it('lets the run go on without it when the step says so', async () => {
    const version = versionOf([
      ['first', 'echo', { value: 1 }],
      ['second', 'echo', { value: '{{steps.first.error.message}}' }],
    ]);
    const [first, second] = version.actions;
    const { deps, runs, seen, onAct } = engineWorld({
      ...version,
      actions: [{ ...first, on_error: 'continue' }, second] as typeof version.actions,
    });
    onAct(busyTimes(1, new ActionRejectedError('Gone.') as never));

    await takeUp(ref, deps, plenty);

    expect(runs.get('run_1').status).toBe('success');
    expect(seen.at(-1)?.config).toEqual({ value: 'Gone.' });
  });
});
