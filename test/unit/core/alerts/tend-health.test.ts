import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Agent } from '#core/agents/agent';
import type { AgentHealth, HealthStore } from '#core/alerts/health';
import { AlertSettings } from '#core/alerts/settings';
import { type HealthDeps, tendHealth } from '#core/alerts/tend-health';
import type { AuditEntry } from '#core/audit';
import { ActionUnavailableError } from '#core/errors';
import { newId } from '#core/ids';
import type { Run } from '#core/runs/run';
import type { RunStore } from '#core/runs/run-store';
import { handClock, queuedRun, versionOf } from '#test/helpers/memory-ports';
import { memorySchedules } from '#test/helpers/memory-schedules';

const HOUR_MS = 3_600_000;
const ref = { userId: 'alice', agentId: 'agt_00000000000000000000000001' };

/** An agent, its history and its owner, who can be told of it or not. */
function agentWorld(alert: Partial<AlertSettings> = {}, log_retention_days = 90) {
  const clock = handClock();
  const iso = () => new Date(clock.now()).toISOString();
  const version = versionOf([['only', 'echo', {}]]);
  const whole = { ...AlertSettings.parse({}), ...alert };
  const settings = { ...version.settings, log_retention_days, alert: whole };
  let agent = {
    ...version,
    settings,
    id: ref.agentId,
    userId: ref.userId,
    enabled: true,
    revision: 1,
    updatedAt: iso(),
  } as Agent;
  let health: AgentHealth = {
    ...ref,
    revision: 0,
    state: {},
    stirredAt: iso(),
    watchedFrom: iso(),
  };
  let history: Run[] = [];
  const told: string[] = [];
  const acts: AuditEntry[] = [];
  const busy = new Set<string>();
  let faults = 0;

  const store: Pick<HealthStore, 'find' | 'save'> = {
    find: async () => health,
    async save(seen, state) {
      if (seen.revision !== health.revision) return undefined;
      health = { ...health, state, revision: seen.revision + 1 };
      return health;
    },
  };
  const list: RunStore['list'] = async (_, { limit, after = '~', from = '', to = '~' }) => {
    const fitting = history
      .filter(({ runId }) => runId >= from && runId <= to && runId < after)
      .toSorted((one, other) => (one.runId < other.runId ? 1 : -1));
    const items = fitting.slice(0, limit);
    return { items, next: fitting.length > limit ? items.at(-1)?.runId : undefined };
  };
  const deps = {
    health: store,
    runs: { list },
    agents: {
      find: async () => agent,
      async replace(changed: Agent) {
        agent = changed;
        return true;
      },
    },
    schedules: memorySchedules().store,
    notifier: {
      async tell(_: Agent, { kind }: { kind: string }, channel: string) {
        if (faults > 0) {
          faults -= 1;
          throw new Error('The table was throttled.');
        }
        if (busy.has(channel)) throw new ActionUnavailableError('Slack answered 503.');
        told.push(`${kind} by ${channel}`);
      },
    },
    audit: { add: async (entry: AuditEntry) => void acts.push(entry) },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    clock,
    randomBytes,
  } as unknown as HealthDeps;

  return {
    clock,
    told,
    acts,
    busy,
    breakDown: (times: number) => {
      faults = times;
    },
    isEnabled: () => agent.enabled,
    enable: () => {
      clock.advance(1_000);
      agent = { ...agent, enabled: true, updatedAt: iso() };
    },
    trigger(status: Run['status'] = 'queued'): string {
      clock.advance(1_000);
      const runId = newId('run', clock.now(), randomBytes);
      const run = queuedRun({ ...ref, runId, status: 'queued', triggeredAt: iso() });
      history.push(run);
      if (status !== 'queued') this.end(runId, status);
      return runId;
    },
    end(runId: string, status: Run['status']) {
      history = history.map((run) => (run.runId === runId ? { ...run, status } : run));
      if (status !== 'failed') return;
      const lastFailed = runId > (health.lastFailed ?? '') ? runId : (health.lastFailed ?? '');
      health = { ...health, lastFailed, stirredAt: iso() };
    },
    forget(runId: string) {
      history = history.filter((run) => run.runId !== runId);
    },
    /** As many looks as there may be something to do. */
    async look(times = 4) {
      for (let time = 0; time < times; time += 1) await tendHealth(ref, deps);
    },
  };
}

type World = ReturnType<typeof agentWorld>;

function triggerMany(world: World, count: number, status?: Run['status']): string[] {
  return Array.from({ length: count }, () => world.trigger(status));
}

describe('an agent that was switched off', () => {
  it('stays on once its owner enables it, although Slack has not taken the notice yet', async () => {
    const world = agentWorld({ slack_connection_id: 'con_1' });
    world.busy.add('slack');
    triggerMany(world, 20, 'failed');
    await world.look();
    expect(world.isEnabled()).toBe(false);

    world.enable();
    for (let minute = 0; minute < 3; minute += 1) {
      world.clock.advance(61_000);
      await world.look();
    }

    expect(world.isEnabled()).toBe(true);
    expect(world.acts.map(({ action }) => action)).toEqual(['agent.disabled']);
    world.busy.clear();
    world.clock.advance(61_000);
    await world.look();
    expect(world.told).toEqual(['disabled by email', 'disabled by slack']);
  });

  it('counts from zero: runs that were triggered before do not count, however late they fail', async () => {
    const world = agentWorld();
    const [open] = [triggerMany(world, 40)];
    for (const runId of open.slice(0, 20)) world.end(runId, 'failed');
    await world.look();
    expect(world.isEnabled()).toBe(false);

    for (const runId of open.slice(20)) world.end(runId, 'failed');
    await world.look();
    world.enable();
    await world.look();

    expect(world.isEnabled()).toBe(true);
    expect(world.told).toEqual(['disabled by email']);
    triggerMany(world, 3, 'failed');
    await world.look();
    expect(world.told).toEqual(['disabled by email', 'failing by email']);
  });
});

describe('a streak', () => {
  it('is told of once, although its first runs are not kept any more', async () => {
    const world = agentWorld({ after_consecutive_failures: 2 });
    const runs = triggerMany(world, 2, 'failed');
    await world.look();

    for (const runId of runs) {
      triggerMany(world, 1, 'failed');
      world.forget(runId);
      await world.look();
    }

    expect(world.told).toEqual(['failing by email']);
  });

  it.each<[string, Run['status'][], number, string[]]>([
    ['are told of', ['failed', 'failed', 'failed'], 24, ['failing by email']],
    ['count no more behind a success', ['failed', 'failed', 'success', 'failed'], 24, []],
    ['count no more where a success may have been lost', ['failed', 'failed', 'failed'], 48, []],
  ])('of days whose runs are kept for one %s', async (_, statuses, hours, told) => {
    const world = agentWorld({}, 1);
    for (const status of statuses) {
      world.clock.advance(hours * HOUR_MS);
      const runId = world.trigger(status);
      if (status === 'failed') await world.look();
      world.forget(runId);
    }

    expect(world.told).toEqual(told);
  });

  it('is over with a success between two looks, and failures after it are another', async () => {
    const world = agentWorld({ after_consecutive_failures: 1 });
    world.trigger('failed');
    await world.look();

    world.trigger('success');
    world.trigger('failed');
    await world.look();

    const kinds = ['failing by email', 'recovered by email', 'failing by email'];
    expect(world.told).toEqual(kinds);
  });

  it('is told of once by many sweepers at once', async () => {
    const world = agentWorld();
    triggerMany(world, 3, 'failed');

    await Promise.all(Array.from({ length: 8 }, () => world.look()));

    expect(world.told).toEqual(['failing by email']);
  });
});

describe('a notice', () => {
  it('is told later when something of ours fails', async () => {
    const world = agentWorld();
    triggerMany(world, 3, 'failed');
    world.breakDown(2);

    for (let minute = 0; minute < 3; minute += 1) {
      await world.look();
      world.clock.advance(61_000);
    }

    expect(world.told).toEqual(['failing by email']);
  });
});

describe('an absence', () => {
  it('is told of once, whatever happened before it', async () => {
    const world = agentWorld({ absence_hours: 1, after_consecutive_failures: null });
    world.trigger('failed');
    world.trigger('success');
    world.clock.advance(HOUR_MS);

    await world.look(8);
    expect(world.told).toEqual(['absent by email']);

    world.trigger('success');
    await world.look(8);
    expect(world.told).toEqual(['absent by email', 'recovered by email']);
  });
});
