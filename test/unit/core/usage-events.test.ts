import { describe, expect, it } from 'vitest';
import {
  type KeptEvent,
  tellUsage,
  tendUsage,
  type UsageEvent,
  type UsageEventDeps,
} from '#core/limits/usage-events';
import type { Run } from '#core/runs/run';

const NOW = Date.parse('2026-11-22T09:00:00.000Z');
const run = {
  userId: 'alice',
  runId: 'run_1',
  agentId: 'agt_1',
  plan: 'free',
  status: 'cancelled',
  triggeredBy: 'webhook',
  triggeredAt: '2026-11-22T08:59:00.000Z',
  finishedAt: '2026-11-22T08:59:30.000Z',
  creditsReserved: 3,
  creditsCharged: 0,
} as Run;

function world({ isTaken = true, isKept = true } = {}) {
  const published: UsageEvent[] = [];
  const outbox = new Map<string, KeptEvent>();
  const down = { isTaken, isKept };
  const deps: UsageEventDeps = {
    usageEvents: {
      async publish(event) {
        if (!down.isTaken) throw new Error('down');
        published.push(event);
      },
    },
    outbox: {
      async keep(event, dueAt) {
        if (!down.isKept) throw new Error('the table is down');
        outbox.set(event.run_id, { event, dueAt: new Date(dueAt).toISOString() });
      },
      find: async ({ runId }) => outbox.get(runId),
      async hold({ event, dueAt }, until) {
        if (outbox.get(event.run_id)?.dueAt !== dueAt) return false;
        outbox.set(event.run_id, { event, dueAt: new Date(until).toISOString() });
        return true;
      },
      remove: async ({ runId }) => void outbox.delete(runId),
    },
    clock: { now: () => NOW },
    log: { info: () => {}, warn: () => {}, error: () => {} },
  };
  return { deps, published, outbox, down };
}

describe('telling of usage', () => {
  it('puts what a run was charged on the bus, and keeps nothing', async () => {
    const { deps, published, outbox } = world();

    await tellUsage(deps)(run);

    expect(published).toEqual([
      {
        id: 'run_1',
        run_id: 'run_1',
        user_id: 'alice',
        agent_id: 'agt_1',
        plan: 'free',
        status: 'cancelled',
        triggered_by: 'webhook',
        triggered_at: '2026-11-22T08:59:00.000Z',
        started_at: null,
        finished_at: '2026-11-22T08:59:30.000Z',
        credits_charged: 0,
        cost_usd: 0,
      },
    ]);
    expect(outbox.size).toBe(0);
  });

  it('is silent about what was not charged: open, rejected, removed with its account', async () => {
    const { deps, published } = world();
    const { creditsCharged: _, ...uncharged } = run;

    await tellUsage(deps)(uncharged);

    expect(published).toEqual([]);
  });

  it('keeps what is not taken, and the sweeper tells it once it is', async () => {
    const { deps, published, outbox, down } = world({ isTaken: false });

    await tellUsage(deps)(run);
    expect(outbox.get('run_1')?.dueAt).toBe('2026-11-22T09:00:00.000Z');

    await tendUsage(run, deps);
    expect(outbox.get('run_1')?.dueAt).toBe('2026-11-22T09:05:00.000Z');

    down.isTaken = true;
    await tendUsage(run, deps);
    await tendUsage(run, deps);
    expect(published).toHaveLength(1);
    expect(outbox.size).toBe(0);
  });

  it('fails only when it can be neither told nor kept, so that it is done again', async () => {
    const { deps } = world({ isTaken: false, isKept: false });

    await expect(tellUsage(deps)(run)).rejects.toThrow('the table is down');
  });
});
