import { describe, expect, it } from 'vitest';
import { type LineDeps, placeInLine } from '#core/runs/place-in-line';
import type { Run } from '#core/runs/run';
import { queuedRun } from '#test/helpers/memory-ports';

const NOW = Date.parse('2026-11-22T10:00:00.000Z');

/** A run that ended after so many milliseconds. */
function ended(ms: number, change: Partial<Run> = {}): Run {
  const startedAt = new Date(NOW - 60_000).toISOString();
  const finishedAt = new Date(NOW - 60_000 + ms).toISOString();
  return queuedRun({ status: 'success', startedAt, finishedAt, ...change });
}

/** A line of which `before` come first, after these runs. */
function line(before: number, runs: readonly Run[]) {
  const asked: unknown[] = [];
  const deps: LineDeps = {
    slots: {
      placeOf: async () => before,
      oldest: async () => [{ runId: 'run_first' }],
    },
    runs: {
      async list(scope, page) {
        asked.push({ scope, to: page.to });
        return { items: [...runs], next: undefined };
      },
    },
    clock: { now: () => NOW },
  };
  return { deps, asked };
}

const parked = (limit: number, of: 'user' | 'agent' = 'user') =>
  queuedRun({ status: 'waiting', waitingFor: { kind: 'slot', limit, of } });

describe('placeInLine', () => {
  it.each([
    { before: 0, limit: 1, ms: [4_000], inMs: 4_000 },
    { before: 4, limit: 1, ms: [1_000, 3_000], inMs: 10_000 },
    { before: 9, limit: 5, ms: [1_000], inMs: 2_000 },
  ])('estimates $inMs ms behind $before of runs that took $ms, $limit at once', async (one) => {
    const { deps } = line(
      one.before,
      one.ms.map((ms) => ended(ms)),
    );

    expect(await placeInLine(parked(one.limit), deps)).toEqual({
      place: one.before + 1,
      estimatedStart: NOW + one.inMs,
    });
  });

  it.each([
    ['no run has ended', [queuedRun({ status: 'running', startedAt: '2026-11-22T09:59:00.000Z' })]],
    ['those that ended never started', [queuedRun({ status: 'cancelled' })]],
    ['all that ended had waited meanwhile', [ended(86_400_000, { waits: 1 })]],
  ])('estimates nothing when %s', async (_, runs) => {
    const { deps } = line(2, runs);

    expect(await placeInLine(parked(5), deps)).toEqual({ place: 3, estimatedStart: undefined });
  });

  it('goes by the runs before the first in line: of the agent, or of all of the user', async () => {
    const ofAgent = line(1, []);
    await placeInLine(parked(1, 'agent'), ofAgent.deps);
    expect(ofAgent.asked).toEqual([
      { scope: { userId: 'alice', agentId: 'agt_1', limit: 1 }, to: 'run_first' },
    ]);

    const ofUser = line(1, []);
    await placeInLine(parked(2), ofUser.deps);
    expect(ofUser.asked).toEqual([{ scope: { userId: 'alice', limit: 2 }, to: 'run_first' }]);
  });

  it('is nothing for a run that waits for something else', async () => {
    const waitingFor = { kind: 'delay', until: '2026-11-22T11:00:00.000Z' } as const;
    const { deps } = line(0, [ended(1_000)]);

    expect(await placeInLine(queuedRun({ status: 'waiting', waitingFor }), deps)).toBeUndefined();
  });
});
