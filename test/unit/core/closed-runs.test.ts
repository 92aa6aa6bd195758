import { expect, it } from 'vitest';
import { closeRun } from '#core/runs/close-run';
import { takeUp } from '#core/runs/take-up';
import { plenty, ref } from '#test/helpers/engine-world';
import { echo, loop, workflowWorld as world } from '#test/helpers/workflow-world';

it('a run that is closed from outside takes its loop from whoever works on it', async () => {
  const { deps, runs, clock, values, onAct } = world([
    loop('l', [1, 2, 3, 4], [echo('x', '{{item}}')]),
  ]);
  onAct(async (value) => {
    clock.advance(1_000);
    const error = { code: 'workflow_stopped', message: 'Stopped.' };
    if (value === 2) await closeRun(ref, error, deps);
  });

  expect(await takeUp(ref, deps, plenty)).toEqual({ next: 'stop' });
  expect(values()).toEqual([1, 2]);
  expect(runs.get('run_1')).toMatchObject({
    status: 'failed',
    error: { code: 'workflow_stopped' },
  });
});
