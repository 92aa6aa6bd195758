import { describe, expect, it } from 'vitest';
import { ActionRejectedError, ActionUnavailableError } from '#core/errors';
import { takeUp } from '#core/runs/take-up';
import { MAX_WAITS } from '#core/steps/run-steps';
import { plenty, ref } from '#test/helpers/engine-world';
import { control, echo, loop, when, workflowWorld as world } from '#test/helpers/workflow-world';

const DAY_SECONDS = 86_400;

describe('a condition', () => {
  it('skips a step, and those after it see that', async () => {
    const { run, statuses, values } = world(
      [
        echo('a', 1, { when: when('{{trigger.body.n}}', 2) }),
        echo('b', '{{steps.a.status}} {{steps.a.output | default: "none"}}'),
      ],
      { n: 1 },
    );

    expect(await run()).toEqual({ next: 'done', status: 'success' });
    expect(statuses()).toEqual({ '0': 'skipped', '1': 'success' });
    expect(values()).toEqual(['skipped none']);
  });

  it('that cannot be evaluated fails its step', async () => {
    const { run, runs } = world([echo('a', 1, { when: when('{{trigger.body.x}}', 2) })]);

    await run();

    expect(runs.get('run_1').error?.message).toContain('trigger.body.x');
  });
});

describe('a branch', () => {
  const choose = (otherwise = true) =>
    control('b', 'branch', {
      branches: [
        { when: when('{{trigger.body.n}}', 1), actions: [echo('one', 'one')] },
        {
          when: when('{{trigger.body.n}}', 2),
          actions: [echo('two', 'two'), echo('more', '{{steps.two.output}}!')],
        },
      ],
      ...(otherwise && { otherwise: [echo('rest', 'rest')] }),
    });

  it.each([
    [1, ['one'], { branch: 0, result: 'one' }, '0.branches.0.0'],
    [2, ['two', 'two!'], { branch: 1, result: 'two!' }, '0.branches.1.1'],
    [3, ['rest'], { branch: 'otherwise', result: 'rest' }, '0.otherwise.0'],
  ])('for %j takes the first that fits, and no other', async (n, values, output, path) => {
    const made = world([choose(), echo('end', '{{steps.b.output.result}}')], { n });

    expect(await made.run()).toEqual({ next: 'done', status: 'success' });
    expect(made.values()).toEqual([...values, output.result]);
    expect(made.outputOf('0')).toEqual(output);
    expect(made.statuses()).toHaveProperty([path], 'success');
  });

  it('goes on after it when none fits', async () => {
    const { run, outputOf, values } = world([choose(false), echo('end', 1)], { n: 3 });

    expect(await run()).toEqual({ next: 'done', status: 'success' });
    expect(outputOf('0')).toEqual({ branch: null, result: null });
    expect(values()).toEqual([1]);
  });

  it('fails with a step inside it, unless it may go on', async () => {
    const failing = world([choose(), echo('end', 1)], { n: 1 });
    failing.onAct((value) => {
      if (value === 'one') throw new ActionRejectedError('No.');
    });
    expect(await failing.run()).toEqual({ next: 'done', status: 'failed' });
    expect(failing.runs.get('run_1').error?.message).toBe('No.');

    const lenient = world([{ ...choose(), on_error: 'continue' }, echo('end', 1)], { n: 1 });
    lenient.onAct((value) => {
      if (value === 'one') throw new ActionRejectedError('No.');
    });
    expect(await lenient.run()).toEqual({ next: 'done', status: 'success' });
  });
});

describe('a loop', () => {
  it('keeps the order of its items, whatever the concurrency', async () => {
    const { run, outputOf, onAct } = world(
      [
        loop(
          'l',
          '{{trigger.body}}',
          [echo('x', '{{item.n}}'), echo('y', '{{index}}:{{steps.x.output}}')],
          { concurrency: 4 },
        ),
      ],
      Array.from({ length: 25 }, (_, n) => ({ n })),
    );
    onAct((value) => new Promise((resolve) => setTimeout(resolve, Number(value) % 3)));

    expect(await run()).toEqual({ next: 'done', status: 'success' });
    expect(outputOf('0')).toEqual(Array.from({ length: 25 }, (_, n) => `${n}:${n}`));
  });

  it('works on no more items at once than it may', async () => {
    let most = 0;
    let working = 0;
    const { run, onAct } = world(
      [loop('l', '{{trigger.body}}', [echo('x', 1)], { concurrency: 3 })],
      Array(20).fill(0),
    );
    onAct(async () => {
      working += 1;
      most = Math.max(most, working);
      await new Promise((resolve) => setTimeout(resolve, 1));
      working -= 1;
    });

    await run();

    expect(most).toBe(3);
  });

  it('over no items gives no outputs', async () => {
    const { run, outputOf } = world([loop('l', [], [echo('x', 1)])]);
    expect(await run()).toEqual({ next: 'done', status: 'success' });
    expect(outputOf('0')).toEqual([]);
  });

  it('in a loop sees the item of its own loop, and steps of the items around it', async () => {
    const { run, outputOf } = world(
      [
        loop('outer', '{{trigger.body}}', [
          echo('name', '{{item.name}}'),
          loop('inner', '{{item.parts}}', [echo('x', '{{steps.name.output}}{{item}}{{index}}')]),
        ]),
      ],
      [
        { name: 'a', parts: [1, 2] },
        { name: 'b', parts: [] },
      ],
    );
    expect(await run()).toEqual({ next: 'done', status: 'success' });
    expect(outputOf('0')).toEqual([['a10', 'a21'], []]);
  });

  it('stores each item beside the run, so that a checkpoint does not grow with it', async () => {
    const { run, runs } = world(
      [loop('l', '{{trigger.body}}', [echo('x', '{{item}}')])],
      Array.from({ length: 1_000 }, (_, n) => n),
    );

    expect(await run()).toEqual({ next: 'done', status: 'success' });
    expect(runs.items('run_1')).toHaveLength(2_000);
    expect(Object.keys(runs.get('run_1').steps)).toEqual(['0']);
    expect(runs.writes).toHaveLength(1_002);
  });

  it('fails with its first item that fails, and starts no further one', async () => {
    const { run, runs, onAct, values } = world([loop('l', [1, 2, 3, 4], [echo('x', '{{item}}')])]);
    onAct((value) => {
      if (value === 2) throw new ActionRejectedError('No.');
    });

    expect(await run()).toEqual({ next: 'done', status: 'failed' });
    expect(runs.get('run_1').error).toEqual({ code: 'action_rejected', message: 'Item 2: No.' });
    expect(values()).toEqual([1, 2]);
  });

  it('goes on over items that fail when their step may', async () => {
    const body = echo('x', '{{item}}', { on_error: 'continue' });
    const { run, outputOf, onAct } = world([loop('l', [1, 2, 3], [body])]);
    onAct((value) => {
      if (value === 2) throw new ActionRejectedError('No.');
    });

    expect(await run()).toEqual({ next: 'done', status: 'success' });
    expect(outputOf('0')).toEqual([1, null, 3]);
  });

  it('refuses more items than it may have, before the first', async () => {
    const { run, runs, values } = world(
      [loop('l', '{{trigger.body}}', [echo('x', 1)], { max_items: 2 })],
      [1, 2, 3],
    );
    expect(await run()).toEqual({ next: 'done', status: 'failed' });
    expect(runs.get('run_1').error?.message).toContain('3 items');
    expect(values()).toEqual([]);
  });

  it('refuses what is no list', async () => {
    const { run, runs } = world([loop('l', '{{trigger.body}}', [echo('x', 1)])], { a: 1 });
    expect(await run()).toEqual({ next: 'done', status: 'failed' });
    expect(runs.get('run_1').error?.message).toContain('items must give a list');
  });

  it('waits for the earliest of its items that wait, while others go on', async () => {
    const { run, outputOf, onAct, clock, deps, values } = world([
      loop('l', ['slow', 'soon', 'c', 'd'], [echo('x', '{{item}}')], { concurrency: 2 }),
    ]);
    const tries = new Map<unknown, number>();
    onAct((value) => {
      tries.set(value, (tries.get(value) ?? 0) + 1);
      const wait = { slow: 200, soon: 100 }[String(value)];
      if (wait && tries.get(value) === 1)
        throw new ActionUnavailableError('busy', { retryAfterSeconds: wait });
    });

    expect(await takeUp(ref, deps, plenty)).toMatchObject({
      next: 'wait',
      until: clock.now() + 100_000,
    });
    expect(values()).toEqual(['slow', 'soon']);
    clock.advance(100_000);
    expect(await takeUp(ref, deps, plenty)).toMatchObject({
      next: 'wait',
      until: clock.now() + 100_000,
    });
    expect(values()).toEqual(['slow', 'soon', 'soon', 'c', 'd']);

    expect(await run()).toEqual({ next: 'done', status: 'success' });
    expect(values()).toEqual(['slow', 'soon', 'soon', 'c', 'd', 'slow']);
    expect(outputOf('0')).toEqual(['slow', 'soon', 'c', 'd']);
  });

  it('goes on in another invocation where time has run out, and does nothing twice', async () => {
    const { outputOf, deps, values } = world(
      [loop('l', '{{trigger.body}}', [echo('x', '{{item}}')], { concurrency: 3 })],
      [0, 1, 2, 3, 4, 5, 6],
    );
    let invocations = 0;
    for (;;) {
      invocations += 1;
      const directive = await takeUp(ref, deps, () => 60_000);
      if (directive.next === 'done') break;
      expect(directive).toEqual({ next: 'continue' });
    }

    expect(values().toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(outputOf('0')).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(invocations).toBeGreaterThan(2);
  });

  it('goes on where its worker died', async () => {
    const { deps, runs, values, outputOf } = world([
      loop('l', [0, 1, 2, 3], [echo('x', '{{item}}')]),
    ]);
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
    await runs.store.breakClaim(runs.get('run_1'), '2026-11-22T10:00:00.000Z', true);

    expect(await takeUp(ref, deps, plenty)).toEqual({ next: 'done', status: 'success' });
    expect(values()).toEqual([0, 1, 2, 2, 3]);
    expect(outputOf('0')).toEqual([0, 1, 2, 3]);
  });

  it('with a delay in it takes its time, one item after the other', async () => {
    const { run, clock, runs, outputOf } = world([
      loop('l', [1, 2, 3], [control('d', 'delay', { seconds: 60 }), echo('x', '{{item}}')]),
    ]);
    const begin = clock.now();

    expect(await run()).toEqual({ next: 'done', status: 'success' });
    expect(clock.now() - begin).toBe(180_000);
    expect(runs.get('run_1').waits).toBe(3);
    expect(outputOf('0')).toEqual([1, 2, 3]);
  });
});

describe('a delay', () => {
  it('waits for as long as it says, holding nothing', async () => {
    const { deps, clock, runs, outputOf, values } = world([
      echo('a', 1),
      control('d', 'delay', { seconds: 90 }),
      echo('b', 2),
    ]);
    const until = clock.now() + 90_000;

    expect(await takeUp(ref, deps, plenty)).toEqual({ next: 'wait', kind: 'delay', until });
    expect(runs.get('run_1')).toMatchObject({ status: 'waiting', waitingFor: { kind: 'delay' } });
    expect(runs.get('run_1').claim).toBeUndefined();
    expect(await takeUp(ref, deps, plenty)).toEqual({ next: 'held', until });
    clock.advance(90_000);
    expect(await takeUp(ref, deps, plenty)).toEqual({ next: 'done', status: 'success' });
    expect(values()).toEqual([1, 2]);
    expect(outputOf('1')).toEqual({ until: new Date(until).toISOString() });
  });

  it.each([
    ['a time', '2026-11-22T12:00:00+02:00', 3_600_000],
    ['a time that has passed', '2026-11-22T08:00:00Z', 0],
  ])('until %s', async (_name, at, ms) => {
    const { run, clock } = world([control('d', 'delay', { until: '{{trigger.body.at}}' })], { at });
    const begin = clock.now();
    expect(await run()).toEqual({ next: 'done', status: 'success' });
    expect(clock.now() - begin).toBe(ms);
  });

  it.each([
    ['no time', { until: 'soon' }, 'config.until'],
    ['more than a run lives', { until: '2028-01-01T00:00:00Z' }, '360 days'],
    ['no number', { seconds: 'many' }, 'config.seconds'],
  ])('that turns out to be %s fails', async (_name, body, word) => {
    const key = Object.keys(body)[0] as string;
    const { run, runs } = world(
      [control('d', 'delay', { [key]: `{{trigger.body.${key}}}` })],
      body,
    );
    expect(await run()).toEqual({ next: 'done', status: 'failed' });
    expect(runs.get('run_1').error?.message).toContain(word);
  });

  it('that would end after all that a run may wait fails', async () => {
    const seconds = '{{trigger.body.seconds}}';
    const delays = [control('a', 'delay', { seconds }), control('b', 'delay', { seconds })];
    const { run, runs, statuses } = world(delays, { seconds: 200 * DAY_SECONDS });

    expect(await run()).toEqual({ next: 'done', status: 'failed' });
    expect(statuses()).toEqual({ '0': 'success', '1': 'failed' });
    expect(runs.get('run_1').error?.message).toContain('360 days');
  });

  it('leaves an approval no more time than a run may wait', async () => {
    const ask = { message: 'Go on?', timeout_seconds: 30 * DAY_SECONDS, on_timeout: 'reject' };
    const { run, clock } = world([
      control('a', 'delay', { seconds: 360 * DAY_SECONDS }),
      control('b', 'approval', ask),
    ]);
    const end = clock.now() + 361 * DAY_SECONDS * 1_000;

    expect(await run()).toMatchObject({ next: 'await', until: end });
  });

  it('ends a run that has waited too often', async () => {
    const { run, runs } = world([control('d', 'delay', { seconds: 1 })], {}, { waits: MAX_WAITS });
    expect(await run()).toEqual({ next: 'done', status: 'failed' });
    expect(runs.get('run_1').error?.code).toBe('too_many_waits');
  });
});
