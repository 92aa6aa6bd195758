import { describe, expect, it } from 'vitest';
import { RequestError } from '#core/errors';
import { type DeadLetter, redrive } from '#core/runs/redrive';
import type { Replay } from '#core/runs/replay-run';
import type { Run, RunRef } from '#core/runs/run';

const ref = (runId: string): RunRef => ({ userId: 'alice', runId });
const step = (index: number, change: object = {}) => ({
  [index]: { path: String(index), index, type: 'http', status: 'success', ...change },
});
const crashed = { code: 'worker_crashed', message: 'It stopped its worker.' };

/** A run as far as redriving looks at it. */
const run = (runId: string, change: object = {}) =>
  ({ ...ref(runId), status: 'failed', error: crashed, steps: {}, ...change }) as unknown as Run;

/** Works off these letters, with these runs in the store. */
async function worked(
  letters: readonly (RunRef | undefined)[],
  runs: readonly Run[],
  most = 10,
  refuse?: RequestError,
) {
  const left = letters.map((about, index) => ({ about, name: about?.runId ?? `fire ${index}` }));
  const told: string[] = [];
  const replays: { readonly runId: string; readonly body: Replay }[] = [];
  const letterOf = ({ about, name }: (typeof left)[number]): DeadLetter => ({
    run: about,
    giveBack: async () => void told.push(`back: ${name}`),
    remove: async () => void told.push(`removed: ${name}`),
  });
  const done = await redrive(most, {
    deadLetters: { take: async (count) => left.splice(0, count).map(letterOf) },
    runs: { find: async ({ runId }) => runs.find((one) => one.runId === runId) },
    queue: { enqueue: async ({ runId }) => void told.push(`queued: ${runId}`) },
    async replay({ runId }, body) {
      if (refuse) throw refuse;
      replays.push({ runId, body });
      return { runId: `replay of ${runId}` };
    },
    log: { info() {}, warn() {}, error() {} },
  });
  return { done, told, replays };
}

describe('redriving', () => {
  it('replays a run that was given up, and takes its message away', async () => {
    const { done, told, replays } = await worked([ref('a')], [run('a')]);

    expect(done).toEqual([{ outcome: 'replayed', run: ref('a'), newRunId: 'replay of a' }]);
    expect(replays).toEqual([{ runId: 'a', body: { agent_version: 'same' } }]);
    expect(told).toEqual(['removed: a']);
  });

  it.each([
    ['its second step was in flight', { ...step(0) }, '1'],
    ['its second step waited', { ...step(0), ...step(1, { status: 'waiting' }) }, '1'],
    [
      'its second step ended it',
      { ...step(0), ...step(1, { status: 'failed', error: crashed }) },
      '1',
    ],
    [
      'an earlier step had failed and was let go',
      { ...step(0, { status: 'failed', error: { code: 'action_rejected' } }), ...step(1) },
      '2',
    ],
  ])('starts where %s', async (_, steps, from_step) => {
    const { replays } = await worked([ref('a')], [run('a', { steps })]);

    expect(replays[0]?.body).toEqual({ agent_version: 'same', from_step });
  });

  it.each([
    ['over', run('a', { status: 'success', error: undefined })],
    ['over', run('a', { replayedBy: 'b' })],
    ['gone', undefined],
  ])('does nothing for a run that is %s, and takes its message away', async (outcome, found) => {
    const { done, told, replays } = await worked([ref('a')], found ? [found] : []);

    expect(done).toEqual([{ outcome, run: ref('a') }]);
    expect({ told, replays }).toEqual({ told: ['removed: a'], replays: [] });
  });

  it('puts back in line what is still open, and the fire of a schedule', async () => {
    const { done, told } = await worked([ref('a'), undefined], [run('a', { status: 'queued' })]);

    expect(done.map(({ outcome }) => outcome)).toEqual(['queued', 'queued']);
    expect(told).toEqual(['queued: a', 'removed: a', 'back: fire 1', 'removed: fire 1']);
  });

  it('leaves a message whose run may not be replayed now, and says why', async () => {
    const refuse = new RequestError('insufficient_credits', 'There are no credits left.');

    const { done, told } = await worked([ref('a')], [run('a')], 10, refuse);

    expect(done).toEqual([
      { outcome: 'refused', run: ref('a'), problem: 'There are no credits left.' },
    ]);
    expect(told).toEqual([]);
  });

  it('works off as many as it is told', async () => {
    const refs = Array.from({ length: 30 }, (_, index) => ref(`r${index}`));

    const { done } = await worked(
      refs,
      refs.map(({ runId }) => run(runId)),
      25,
    );

    expect(done).toHaveLength(25);
  });
});
