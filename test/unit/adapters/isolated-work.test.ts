import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isolatedWork } from '#adapters/isolated-work';
import { ActionRejectedError } from '#core/errors';

/** What a job that never yields counts, in memory that it shares. */
const counter = () => new Int32Array(new SharedArrayBuffer(4));

const isolate = isolatedWork(new URL('../../helpers/isolated-worker.ts', import.meta.url));

afterEach(() => void vi.restoreAllMocks());

describe('isolated work', () => {
  it('gives what the job gives', async () => {
    expect(await isolate('double', { n: 21 })).toEqual({ n: 42 });
  });

  it('is ended at its time-out although it never yields, while everything else goes on', async () => {
    let beats = 0;
    const heart = setInterval(() => {
      beats += 1;
    }, 20);

    const turns = counter();
    const ending = vi.spyOn(Worker.prototype, 'terminate');

    const spinning = isolate('spin', turns, { timeoutMs: 1_000 });
    await expect(spinning).rejects.toThrow('longer than 1 s');
    clearInterval(heart);

    await expect(spinning).rejects.toBeInstanceOf(ActionRejectedError);
    expect(beats).toBeGreaterThan(5);
    // The thread itself ends: it does not spin on behind our back.
    expect(ending).toHaveBeenCalled();
    await Promise.all(ending.mock.results.map(({ value }) => value));
    const last = turns[0];
    expect(last).toBeGreaterThan(0);
    await delay(50);
    expect(turns[0]).toBe(last);
  });

  it('is ended when it takes too much memory', async () => {
    const hoarding = isolate('hoard', null, { memoryMb: 16 });
    await expect(hoarding).rejects.toThrow('more than 16 MB');
    await expect(hoarding).rejects.toBeInstanceOf(ActionRejectedError);
  });

  it('is ended by its signal, with its reason', async () => {
    const reason = new Error('cancelled');
    const controller = new AbortController();
    const spinning = isolate('spin', counter(), { signal: controller.signal });
    controller.abort(reason);
    await expect(spinning).rejects.toBe(reason);
    await expect(isolate('double', { n: 1 }, { signal: controller.signal })).rejects.toBe(reason);
  });

  it('hands on what the job refuses, and our own faults as such', async () => {
    await expect(isolate('refuse', null)).rejects.toBeInstanceOf(ActionRejectedError);
    await expect(isolate('refuse', null)).rejects.toThrow('This is no page.');
    await expect(isolate('break', null)).rejects.toBeInstanceOf(TypeError);
    await expect(isolate('exit', null)).rejects.toThrow('did not answer');
    await expect(isolate('constructor', null)).rejects.toThrow('no isolated job');
  });

  it('sees no environment, so no credentials', async () => {
    expect(await isolate('environment', null)).toEqual([]);
  });
});
