import { describe, expect, it } from 'vitest';
import { StatsView } from '#core/api/stats';
import { firstIdAt } from '#core/ids';
import type { Run, RunStatus } from '#core/runs/run';
import { userStats } from '#core/runs/stats';
import { queuedRun } from '#test/helpers/memory-ports';

const NOW = Date.parse('2026-11-22T09:30:00.000Z');

type Sketch = {
  readonly minutesAgo: number;
  readonly status: RunStatus;
  readonly agentId?: string;
  readonly lagMs?: number;
  readonly ms?: number;
};

function runOf({ minutesAgo, status, agentId = 'agt_1', lagMs = 10, ms }: Sketch): Run {
  const triggered = NOW - minutesAgo * 60_000;
  return queuedRun({
    runId: firstIdAt('run', triggered),
    agentId,
    status,
    triggeredAt: new Date(triggered).toISOString(),
    startedAt: new Date(triggered + lagMs).toISOString(),
    ...(ms !== undefined && { finishedAt: new Date(triggered + lagMs + ms).toISOString() }),
  });
}

function statsOf(sketches: readonly Sketch[], window: '24h' | '7d' = '24h') {
  const runs = sketches.map(runOf);
  return userStats('alice', window, {
    clock: { now: () => NOW },
    agents: { find: async (_, id) => (id === 'agt_1' ? ({ name: 'One' } as never) : undefined) },
    runs: {
      async list(_, { limit, after, from = '' }) {
        const start = after === undefined ? 0 : Number(after);
        const there = runs.filter((run) => run.runId >= from);
        const end = start + limit;
        return {
          items: there.slice(start, end),
          next: end < there.length ? String(end) : undefined,
        };
      },
    },
  });
}

describe('statistics', () => {
  it('are what the API says they are', async () => {
    const stats = await statsOf([{ minutesAgo: 5, status: 'success', ms: 40 }]);
    expect(StatsView.safeParse(stats).error).toBeUndefined();
  });

  it('say nothing of nothing', async () => {
    expect(await statsOf([])).toMatchObject({
      runs: 0,
      truncated: false,
      by_status: {},
      success_rate: null,
      duration_ms: { p50: null, p95: null },
      start_lag_ms: { p50: null, p95: null },
      failing_agents: [],
      slow_agents: [],
    });
  });

  it('count by hour, hours without runs included', async () => {
    const { by_hour } = await statsOf([
      { minutesAgo: 1, status: 'success', ms: 1 },
      { minutesAgo: 29, status: 'failed', ms: 1 },
      { minutesAgo: 31, status: 'success', ms: 1 },
    ]);

    expect(by_hour).toHaveLength(25);
    expect(by_hour.at(-1)).toEqual({
      hour: '2026-11-22T09:00:00.000Z',
      runs: 2,
      by_status: { success: 1, failed: 1 },
    });
    expect(by_hour.at(-2)).toEqual({
      hour: '2026-11-22T08:00:00.000Z',
      runs: 1,
      by_status: { success: 1 },
    });
    expect(by_hour.at(-3)).toMatchObject({ runs: 0, by_status: {} });
  });

  it('leave out what is older than the window', async () => {
    const old = [{ minutesAgo: 25 * 60, status: 'failed' as const, ms: 1 }];
    expect((await statsOf(old)).runs).toBe(0);
    expect((await statsOf(old, '7d')).runs).toBe(1);
  });

  it('judge success among what succeeded or failed', async () => {
    const { success_rate } = await statsOf([
      { minutesAgo: 1, status: 'success', ms: 1 },
      { minutesAgo: 2, status: 'success', ms: 1 },
      { minutesAgo: 3, status: 'success', ms: 1 },
      { minutesAgo: 4, status: 'failed', ms: 1 },
      { minutesAgo: 5, status: 'cancelled', ms: 1 },
      { minutesAgo: 6, status: 'running' },
    ]);
    expect(success_rate).toBe(0.75);
  });

  it('take percentiles of what was measured', async () => {
    const { duration_ms, start_lag_ms } = await statsOf(
      Array.from({ length: 20 }, (_, index) => ({
        minutesAgo: index + 1,
        status: 'success' as const,
        ms: (index + 1) * 10,
        lagMs: index,
      })),
    );
    expect(duration_ms).toEqual({ p50: 100, p95: 190 });
    expect(start_lag_ms).toEqual({ p50: 9, p95: 18 });
  });

  it('name the agents that fail most, deleted ones too', async () => {
    const { failing_agents } = await statsOf([
      { minutesAgo: 1, status: 'failed', agentId: 'agt_1', ms: 1 },
      { minutesAgo: 2, status: 'failed', agentId: 'agt_2', ms: 1 },
      { minutesAgo: 3, status: 'failed', agentId: 'agt_2', ms: 1 },
      { minutesAgo: 4, status: 'success', agentId: 'agt_3', ms: 1 },
    ]);
    expect(failing_agents).toEqual([
      { agent_id: 'agt_2', name: null, failed: 2, runs: 2 },
      { agent_id: 'agt_1', name: 'One', failed: 1, runs: 1 },
    ]);
  });

  it('name the agents whose runs take longest, by their median', async () => {
    const { slow_agents } = await statsOf([
      { minutesAgo: 1, status: 'success', agentId: 'agt_1', ms: 10 },
      { minutesAgo: 2, status: 'failed', agentId: 'agt_1', ms: 30 },
      { minutesAgo: 3, status: 'success', agentId: 'agt_1', ms: 5_000 },
      { minutesAgo: 4, status: 'success', agentId: 'agt_2', ms: 400 },
      { minutesAgo: 5, status: 'running', agentId: 'agt_3' },
    ]);
    expect(slow_agents).toEqual([
      { agent_id: 'agt_2', name: null, duration_ms: { p50: 400, p95: 400 }, runs: 1 },
      { agent_id: 'agt_1', name: 'One', duration_ms: { p50: 30, p95: 5_000 }, runs: 3 },
    ]);
  });

  it('look at the newest 2,000 runs and say so', async () => {
    const many = Array.from({ length: 2_001 }, (_, index) => ({
      minutesAgo: index / 10,
      status: 'success' as const,
      ms: 1,
    }));
    expect(await statsOf(many)).toMatchObject({ runs: 2_000, truncated: true });
    expect(await statsOf(many.slice(1))).toMatchObject({ runs: 2_000, truncated: false });
  });
});
