import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { openAccount } from '#core/limits/credits';
import { type IdempotencyKey, openRun } from '#core/runs/open-run';
import { openLimits } from '#test/contract/limits-world';
import { inlinePayloads, memoryMetrics } from '#test/helpers/memory-ports';

const world = await openLimits();
afterAll(() => world.close());

const NOW = Date.parse('2026-11-22T09:20:00.000Z');
const WINDOW_SECONDS = 60;
const quiet = { info: () => {}, warn: () => {}, error: () => {} };

/** A user's door, at which runs are opened under one key, so many seconds after the first. */
async function door(userId: string, by: IdempotencyKey['by']) {
  await world.credits.open({ ...openAccount(userId, 'pro', NOW), balance: 10, recent: [] });
  const { metrics } = memoryMetrics();
  const deps = { ...world, log: quiet, metrics, randomBytes, payloads: inlinePayloads };
  return (seconds: number) => {
    const now = NOW + seconds * 1_000;
    const request = {
      userId,
      agentId: 'agt_1',
      agentVersion: 1,
      retentionDays: 90,
      triggeredBy: 'webhook',
      trigger: { body: {}, headers: {}, query: {}, received_at: new Date(now).toISOString() },
      mostCredits: 1,
      idempotency: { by, key: 'order-1', windowSeconds: WINDOW_SECONDS },
    } as const;
    const queue = { enqueue: async () => {} };
    return openRun(request, { ...deps, queue, clock: { now: () => now } });
  };
}

describe.each(['caller', 'provider'] as const)('a trigger under the same key of a %s', (by) => {
  it('is the same run until its window is over, and another one then', async () => {
    const open = await door(`${by}-1`, by);

    const first = await open(0);
    const within = await open(WINDOW_SECONDS - 1);
    const after = await open(WINDOW_SECONDS);
    const again = await open(2 * WINDOW_SECONDS - 1);

    expect(first.duplicate).toBe(false);
    expect(within).toEqual({ runId: first.runId, duplicate: true });
    expect(after.duplicate).toBe(false);
    expect(after.runId).not.toBe(first.runId);
    expect(again).toEqual({ runId: after.runId, duplicate: true });
  });

  it('is one run of all that come at once when its window is over', async () => {
    const open = await door(`${by}-2`, by);
    await open(0);

    const opened = await Promise.all([1, 2, 3, 4, 5].map(() => open(WINDOW_SECONDS)));

    expect(new Set(opened.map(({ runId }) => runId)).size).toBe(1);
    expect(opened.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
  });
});
