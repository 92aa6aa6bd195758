import { setImmediate as later } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { gathered, sharedRead } from '#adapters/gathered';

/** Calls that end when they are told to. */
function controlled(most = 10) {
  const calls: { items: readonly string[]; answer(...results: (string | Error)[]): void }[] = [];
  const ask = gathered<string, string>({
    keyOf: (item) => item[0] ?? '',
    most,
    async call(items) {
      const answered = Promise.withResolvers<(string | Error)[]>();
      calls.push({ items, answer: (...results) => answered.resolve(results) });
      return answered.promise;
    },
  });
  return { ask, calls, sent: () => calls.map(({ items }) => items) };
}

describe('calls that are gathered', () => {
  it('take along what comes at the same moment, and answer each by itself', async () => {
    const { ask, calls, sent } = controlled();

    const answers = [ask('a1'), ask('a2'), ask('a3')];
    await later();

    expect(sent()).toEqual([['a1', 'a2', 'a3']]);
    calls[0]?.answer('one', 'two', 'three');
    expect(await Promise.all(answers)).toEqual(['one', 'two', 'three']);
  });

  it('take along what comes while one is under way, up to their most', async () => {
    const { ask, calls, sent } = controlled(2);
    const first = ask('a1');
    await later();

    const others = [ask('a2'), ask('a3'), ask('a4')];
    await later();
    expect(sent()).toEqual([['a1']]);
    calls[0]?.answer('one');
    expect(await first).toBe('one');
    await later();
    expect(sent()).toEqual([['a1'], ['a2', 'a3']]);
    calls[1]?.answer('two', 'three');
    await later();

    calls[2]?.answer('four');
    expect(await Promise.all(others)).toEqual(['two', 'three', 'four']);
  });

  it('do not wait for those of another key', async () => {
    const { ask, calls, sent } = controlled();
    void ask('a1');
    await later();

    const other = ask('b1');
    await later();

    expect(sent()).toEqual([['a1'], ['b1']]);
    calls[1]?.answer('b');
    expect(await other).toBe('b');
  });

  it('tell only the one whose item failed', async () => {
    const { ask, calls } = controlled();
    const answers = [ask('a1'), ask('a2')];
    await later();

    calls[0]?.answer('one', new Error('not this one'));

    expect(await Promise.allSettled(answers)).toMatchObject([
      { status: 'fulfilled', value: 'one' },
      { status: 'rejected', reason: { message: 'not this one' } },
    ]);
  });

  it('tell all when the call failed, and go on with the next', async () => {
    let isBroken = true;
    const ask = gathered<string, string>({
      keyOf: () => '',
      most: 10,
      async call(items) {
        if (isBroken) throw new Error('broken');
        return items.map(() => 'fine');
      },
    });

    const broken = await Promise.allSettled([ask('a1'), ask('a2')]);
    isBroken = false;

    expect(broken.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await ask('a3')).toBe('fine');
  });

  it('do not wait for one that hangs', async () => {
    const { ask, calls, sent } = controlled();
    void ask('a1');
    await later();

    const behind = ask('a2');

    await expect.poll(sent).toEqual([['a1'], ['a2']]);
    calls[1]?.answer('two');
    expect(await behind).toBe('two');
  });
});

it('a read that is shared is never older than the question', async () => {
  let stored = 'before';
  let reads = 0;
  const read = sharedRead(async (_key: string) => {
    reads += 1;
    const seen = stored;
    await later();
    return seen;
  });

  const first = read('key');
  await later();
  stored = 'after';
  const others = [read('key'), read('key'), read('key')];

  expect(await first).toBe('before');
  expect(await Promise.all(others)).toEqual(['after', 'after', 'after']);
  expect(reads).toBe(2);
});
