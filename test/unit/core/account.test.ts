import { describe, expect, it, vi } from 'vitest';
import type { Agent } from '#core/agents/agent';
import { type AccountDeps, type AccountStore, deleteAccount } from '#core/limits/account';
import type { Run } from '#core/runs/run';
import type { StoredSchedule } from '#core/schedules/timetable';
import { handClock, queuedRun } from '#test/helpers/memory-ports';

/** An account in memory: what is in it, and what was done to it. */
function account(content: {
  agents?: string[];
  removed?: string[];
  runs?: Run[];
  schedules?: StoredSchedule[];
}) {
  const agents = new Set(content.agents ?? []);
  const removed = new Set(content.removed ?? []);
  const runs = new Map((content.runs ?? []).map((run) => [run.runId, run]));
  const schedules = new Map((content.schedules ?? []).map((one) => [one.agentId, one]));
  const clock = handClock();
  const timetable = { put: vi.fn(async () => {}), remove: vi.fn(async () => {}) };
  const forgotten: [string, boolean][] = [];
  const store: AccountStore = {
    removedAgents: async () => ({ items: [...removed], next: undefined }),
    forgetConnections: async () => undefined,
    forgetApiKeys: async () => undefined,
    forgetSuppressions: async () => undefined,
    async forgetAgent(_, id) {
      removed.delete(id);
      schedules.delete(id);
    },
    async endRun({ runId }, error, finishedAt) {
      const run = runs.get(runId) as Run;
      const { claim, ...rest } = run;
      runs.set(runId, { ...rest, status: 'cancelled', error, finishedAt });
      return claim !== undefined;
    },
    forgetCredits: async () => {},
    async forgetRun({ runId }, isUnfinished) {
      forgotten.push([runId, isUnfinished]);
      runs.delete(runId);
    },
  };
  const quiet = { info() {}, warn() {}, error() {} };
  const deps = {
    account: store,
    clock,
    log: quiet,
    timetable,
    runs: { list: async () => ({ items: [...runs.values()], next: undefined }) },
    agents: {
      list: async () => ({
        items: [...agents].map((id) => ({ id, userId: 'alice' }) as Agent),
        next: undefined,
      }),
      find: async (_: string, id: string) =>
        agents.has(id) ? ({ id, userId: 'alice' } as Agent) : undefined,
      async remove({ id }: Agent) {
        agents.delete(id);
        removed.add(id);
      },
      wasRemoved: async (_: string, id: string) => removed.has(id),
    },
    schedules: {
      find: async (_: string, id: string) => schedules.get(id),
      async markApplied(one: StoredSchedule) {
        schedules.set(one.agentId, { ...one, isApplied: true });
      },
    },
  } as unknown as AccountDeps;
  const isEmpty = () => agents.size + removed.size + runs.size + schedules.size === 0;
  const remove = (msLeft = () => 29_000) => deleteAccount('alice', deps, msLeft);
  return { remove, isEmpty, clock, forgotten, runs, timetable };
}

const ids = ['agt_01kb7q3r8s5t2v9w4x6y1z0a3b', 'agt_01kb7q3r8s5t2v9w4x6y1z0a3c'];
const claim = { owner: 'worker', epoch: 1, beat: 0 };

describe('the removal of an account', () => {
  it('leaves nothing', async () => {
    const { remove, isEmpty } = account({
      agents: ids,
      removed: ['agt_gone'],
      runs: [
        queuedRun({ runId: 'run_1', status: 'success' }),
        queuedRun({ runId: 'run_2', status: 'queued' }),
        queuedRun({ runId: 'run_3', status: 'waiting' }),
      ],
    });

    expect(await remove()).toEqual({ status: 'deleted' });
    expect(isEmpty()).toBe(true);
  });

  it('of nothing is fine, and so is doing it again', async () => {
    const { remove } = account({});
    expect(await remove()).toEqual({ status: 'deleted' });
    expect(await remove()).toEqual({ status: 'deleted' });
  });

  it('ends a run that a worker has, and deletes it once the worker must know', async () => {
    const { remove, clock, runs, isEmpty } = account({
      runs: [queuedRun({ runId: 'run_1', status: 'running', claim })],
    });

    expect(await remove()).toEqual({ status: 'deleting', retryAfterSeconds: 30 });
    expect(runs.get('run_1')).toMatchObject({ status: 'cancelled' });
    expect(runs.get('run_1')?.claim).toBeUndefined();
    clock.advance(29_000);
    expect((await remove()).status).toBe('deleting');
    clock.advance(1_000);
    expect((await remove()).status).toBe('deleted');
    expect(isEmpty()).toBe(true);
  });

  it('looks for what a stopped step may have left', async () => {
    const { remove, forgotten } = account({
      runs: [
        queuedRun({ runId: 'run_1', status: 'success' }),
        queuedRun({ runId: 'run_2', status: 'waiting' }),
      ],
    });

    await remove();

    expect(forgotten).toEqual([
      ['run_1', false],
      ['run_2', true],
    ]);
  });

  it('stops when its time is up, and goes on with the next call', async () => {
    const { remove, isEmpty } = account({
      agents: ids,
      runs: [queuedRun({ runId: 'run_1', status: 'success' })],
    });
    let calls = 0;
    const hurried = () => remove(() => (++calls % 2 === 0 ? 1_000 : 29_000));

    let removal = await hurried();
    let rounds = 1;
    for (; removal.status === 'deleting' && rounds < 20; rounds += 1) {
      expect(removal.retryAfterSeconds).toBe(1);
      removal = await hurried();
    }

    expect(rounds).toBeGreaterThan(2);
    expect(isEmpty()).toBe(true);
  });

  it('does not forget a schedule that the fast path still knows', async () => {
    const schedule: StoredSchedule = {
      userId: 'alice',
      agentId: 'agt_gone',
      generation: 3,
      oldestGeneration: 2,
      isApplied: false,
      catchUp: 'latest',
    };
    const { remove, timetable, isEmpty } = account({
      removed: ['agt_gone'],
      schedules: [schedule],
    });

    await remove();

    expect(timetable.remove.mock.calls).toEqual([
      [schedule, 2],
      [schedule, 3],
    ]);
    expect(isEmpty()).toBe(true);
  });
});
