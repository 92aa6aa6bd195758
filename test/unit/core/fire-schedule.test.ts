import { describe, expect, it } from 'vitest';
import type { Agent } from '#core/agents/agent';
import { fireSchedule } from '#core/schedules/fire-schedule';
import { tendSchedule } from '#core/schedules/sweep-schedule';
import { type CatchUp, type StoredSchedule, scheduleFor } from '#core/schedules/timetable';
import {
  handClock,
  memoryCredits,
  memoryMetrics,
  memoryRuns,
  versionOf,
} from '#test/helpers/memory-ports';
import { memorySchedules } from '#test/helpers/memory-schedules';

const NINE = Date.parse('2026-11-23T09:00:00.000Z');
const DAY = 86_400_000;
const MINUTE = 60_000;

function agentOf(cronExpression: string, catchUp: CatchUp = 'latest', timezone = 'UTC'): Agent {
  const version = versionOf([['only', 'http', {}]]);
  return {
    ...version,
    id: `agt_${'0'.repeat(26)}`,
    userId: 'alice',
    enabled: true,
    trigger: { type: 'schedule', cronExpression, timezone },
    settings: { ...version.settings, catch_up: catchUp },
    revision: 1,
    agentCreatedAt: version.createdAt,
    updatedAt: version.createdAt,
  };
}

/** An agent whose schedule was created the evening before, and everything that starts it. */
function world(agent = agentOf('0 9 * * *')) {
  const clock = handClock(NINE - 12 * 3_600_000);
  const first = scheduleFor(agent, undefined, clock.now()) as StoredSchedule;
  const schedules = memorySchedules([{ ...first, isApplied: true }]);
  const runs = memoryRuns();
  const queued: string[] = [];
  const measured = memoryMetrics();
  const deps = {
    agents: { find: async () => agent },
    runs: {
      ...runs.store,
      createScheduled: async (
        ...[run, move, admission]: Parameters<typeof runs.store.createScheduled>
      ) => {
        if (move) await schedules.store.advance(move.schedule, move.nextAt);
        return runs.store.createScheduled(run, move, admission);
      },
      reject: async (...[run, move]: Parameters<typeof runs.store.reject>) => {
        await runs.store.reject(run);
        if (move) await schedules.store.advance(move.schedule, move.nextAt);
      },
    },
    schedules: schedules.store,
    credits: memoryCredits().store,
    timetable: schedules.timetable,
    queue: { enqueue: async ({ runId }: { runId: string }) => void queued.push(runId) },
    clock,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    metrics: measured.metrics,
  };
  const fire = (scheduledAt: number, generation = 1) =>
    fireSchedule({ userId: 'alice', agentId: agent.id, generation, scheduledAt }, deps);
  const sweepIt = () => tendSchedule(schedules.get(agent.id) as StoredSchedule, deps);
  const history = async () =>
    (await runs.store.list({ userId: 'alice' }, { limit: 100, after: undefined })).items;
  const next = () => schedules.get(agent.id)?.nextAt;
  const { taken } = measured;
  return { agent, clock, deps, fire, sweepIt, history, next, queued, schedules, taken };
}

describe('a fire', () => {
  it('opens one run for its nominal time, however often it comes, and moves the schedule on', async () => {
    const { fire, clock, history, next } = world();
    clock.advance(12 * 3_600_000);

    const first = await fire(NINE);
    const again = await fire(NINE);

    expect(again).toEqual(first);
    expect(await history()).toHaveLength(1);
    expect(next()).toBe(NINE + DAY);
  });

  it.each([
    ['of an earlier generation', NINE, 0],
    ['at a time that the schedule does not name', NINE + MINUTE, 1],
  ])('%s is dropped', async (_name, at, generation) => {
    const { fire, history } = world();
    expect(await fire(at, generation)).toBeUndefined();
    expect(await history()).toEqual([]);
  });

  it('that overtakes an earlier one does not make it forgotten', async () => {
    const { fire, clock, history, next } = world(agentOf('* * * * *'));
    const first = next() ?? 0;
    clock.advance(3 * MINUTE);

    await fire(first + MINUTE);
    expect(next()).toBe(first);
    await fire(first);

    expect(await history()).toHaveLength(2);
  });

  it('says how late it was, when it was late', async () => {
    const { fire, clock, history } = world();
    clock.advance(12 * 3_600_000 + 30_000);
    await fire(NINE);
    expect((await history())[0]).toMatchObject({ lateByMs: 30_000, triggeredBy: 'schedule' });
  });
});

describe('the sweeper', () => {
  it('starts a time that the fast path left out, and starts it once', async () => {
    const { sweepIt, fire, clock, history, queued, next } = world();
    clock.advance(12 * 3_600_000 + 2 * MINUTE);

    await sweepIt();
    await fire(NINE);
    await sweepIt();

    expect(await history()).toHaveLength(1);
    expect(queued).toHaveLength(1);
    expect(next()).toBe(NINE + DAY);
  });

  it.each<[CatchUp, number, number]>([
    ['latest', 1, 1],
    ['all', 2, 0],
    ['none', 0, 2],
  ])(
    'after a day without power, catch_up %s starts %i and shows %i as missed',
    async (catchUp, started, missed) => {
      // Without power from 21:00 until 21:40 of the next day: two times have passed.
      const { sweepIt, clock, history, next, taken } = world(agentOf('0 9,21 * * *', catchUp));
      clock.advance(24 * 3_600_000 + 40 * MINUTE);

      await sweepIt();

      const rows = await history();
      const rejected = rows.filter((run) => run.status === 'rejected');
      expect(rows.filter((run) => run.status === 'queued')).toHaveLength(started);
      expect(rejected.reduce((sum, run) => sum + (run.rejection?.count ?? 0), 0)).toBe(missed);
      expect(next()).toBeGreaterThan(clock.now());
      const given = taken.flatMap(({ value, values }) =>
        values['RunsRejected'] ? [{ value, values }] : [],
      );
      const counted = { value: 'schedule', values: { RunsRejected: missed } };
      expect(given).toEqual(missed > 0 ? [counted] : []);
    },
  );

  it('tells the fast path what it was not told, and forgets earlier generations there', async () => {
    const { agent, schedules, sweepIt } = world();
    const changed = {
      ...agent,
      revision: 3,
      trigger: { ...agent.trigger, cronExpression: '0 8 * * *' },
    } as Agent;
    const schedule = scheduleFor(changed, schedules.get(agent.id), NINE) as StoredSchedule;
    const crashed = memorySchedules([schedule]);
    crashed.known.add(1);
    const deps = { ...world().deps, schedules: crashed.store, timetable: crashed.timetable };

    await tendSchedule(schedule, deps);

    expect([...crashed.known]).toEqual([2]);
    expect(crashed.get(agent.id)).toMatchObject({ isApplied: true, oldestGeneration: 2 });
    await sweepIt();
  });
});

describe('a change of an agent', () => {
  it('keeps the schedule as it is unless its timing changes, however the table orders it', () => {
    const { agent, schedules } = world();
    const stored = schedules.get(agent.id) as StoredSchedule;
    const reordered = {
      ...stored,
      timing: { timezone: 'UTC', kind: 'cron' as const, cronExpression: '0 9 * * *' },
    };

    expect(scheduleFor({ ...agent, name: 'Renamed' }, reordered, NINE)).toBeUndefined();
    const moved = { ...agent, trigger: { ...agent.trigger, timezone: 'Asia/Kolkata' } } as Agent;
    expect(scheduleFor(moved, reordered, NINE)?.generation).toBe(stored.generation + 1);
  });
});
