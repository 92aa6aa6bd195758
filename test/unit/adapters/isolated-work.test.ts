import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isolatedWork } from '#adapters/isolated-work';
import { ActionRejectedError } from '#core/errors';
import { temporaryDirectory } from '#test/helpers/directories';

const WORKER = new URL('../../helpers/isolated-worker.ts', import.meta.url);

const isolate = isolatedWork(WORKER);

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('isolated work', () => {
  it('gives what the job gives', async () => {
    expect(await isolate('double', { n: 21 })).toEqual({ n: 42 });
  });

  it('is ended at its time-out although it never yields, while everything else goes on', async () => {
    let beats = 0;
    const heart = setInterval(() => {
      beats += 1;
    }, 20);
    const file = join(temporaryDirectory(), 'pid');

    const spinning = isolate('spin', file, { timeoutMs: 2_000 });
    await expect(spinning).rejects.toThrow('longer than 2 s');
    clearInterval(heart);

    await expect(spinning).rejects.toBeInstanceOf(ActionRejectedError);
    expect(beats).toBeGreaterThan(5);
    // The process itself ends: it does not spin on behind our back.
    const pid = Number(readFileSync(file, 'utf8'));
    await expect.poll(() => isThere(pid)).toBe(false);
  });

  it.each(['hoard', 'double_up'])('is ended when it takes too much memory: %s', async (job) => {
    const hoarding = isolate(job, null, { memoryMb: 16 });
    await expect(hoarding).rejects.toThrow('more than 16 MB');
    await expect(hoarding).rejects.toBeInstanceOf(ActionRejectedError);
  });

  it('does not go on for long when whoever started it is killed', async () => {
    const file = join(temporaryDirectory(), 'pid');
    const source = new URL('../../../src/adapters/isolated-work.ts', import.meta.url);
    const parent = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `import { isolatedWork } from '${source}';
       await isolatedWork(new URL('${WORKER}'))('spin', '${file}', { timeoutMs: 1_000 });`,
    ]);
    await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8')).toMatch(/\d/);
    parent.kill('SIGKILL');

    const pid = Number(readFileSync(file, 'utf8'));
    expect(isThere(pid)).toBe(true);
    await expect.poll(() => isThere(pid), { timeout: 30_000, interval: 100 }).toBe(false);
  });

  it('is ended by its signal, with its reason', async () => {
    const reason = new Error('cancelled');
    const controller = new AbortController();
    const spinning = isolate('spin', join(temporaryDirectory(), 'pid'), {
      signal: controller.signal,
    });
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
