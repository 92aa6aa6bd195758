import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, PatchAgent } from '#core/agents/agent';
import { createAgent, patchAgent } from '#core/agents/agents';
import { recoverAll, sweep } from '#core/runs/sweep';
import { temporaryDirectory } from '#test/helpers/directories';
import { type ManualClock, manualClock } from './local/scheduler-stack.ts';
import { nominalOf, openWorld, type ScheduleWorld, scheduledAgent } from './schedule-world.ts';

const USER = 'alice';
const MINUTE = 60_000;

let directory: string;
let clock: ManualClock;
let world: ScheduleWorld;

beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  await world.close();
});

async function open(at: string): Promise<void> {
  clock = manualClock(at);
  world = await openWorld(directory, clock);
}

async function create(...[trigger, catchUp]: Parameters<typeof scheduledAgent>): Promise<Agent> {
  return (await createAgent(USER, scheduledAgent(trigger, catchUp), world.product)).agent;
}

/** Lets time pass; what Scheduler sends is dispatched at once. @param then done two minutes after each half hour */
async function passUntil(end: string, then: () => Promise<unknown>): Promise<void> {
  for (let at = clock.now(); at < Date.parse(end); at += 30 * MINUTE) {
    clock.advanceTo(new Date(at).toISOString());
    await world.dispatchAll();
    clock.advanceTo(new Date(at + 2 * MINUTE).toISOString());
    await then();
  }
}

async function nominals(): Promise<string[]> {
  return (await world.runsOf(USER)).map(nominalOf);
}

type ClockChange = {
  readonly cron: string;
  readonly timezone: string;
  readonly from: string;
  readonly until: string;
  /** Every nominal time in between. */
  readonly times: readonly string[];
  /** Those of them that EventBridge Scheduler leaves out. */
  readonly leftOut: readonly string[];
};

const CHANGES: [name: string, change: ClockChange][] = [
  [
    'New York in March: 02:30 is skipped',
    {
      cron: '30 2 * * *',
      timezone: 'America/New_York',
      from: '2026-03-07T05:00:00Z',
      until: '2026-03-09T12:00:00Z',
      times: ['2026-03-07T07:30Z', '2026-03-08T07:00Z', '2026-03-09T06:30Z'],
      leftOut: ['2026-03-08T07:00Z'],
    },
  ],
  [
    'London in March: 01:30 is skipped',
    {
      cron: '30 1 * * *',
      timezone: 'Europe/London',
      from: '2026-03-27T22:00:00Z',
      until: '2026-03-30T06:00:00Z',
      times: ['2026-03-28T01:30Z', '2026-03-29T01:00Z', '2026-03-30T00:30Z'],
      leftOut: ['2026-03-29T01:00Z'],
    },
  ],
  [
    'New York in November: an hourly job in the hour that comes twice',
    {
      cron: '0 * * * *',
      timezone: 'America/New_York',
      from: '2026-11-01T03:30:00Z',
      until: '2026-11-01T08:30:00Z',
      times: [4, 5, 6, 7, 8].map((hour) => `2026-11-01T0${hour}:00Z`),
      leftOut: ['2026-11-01T06:00Z'],
    },
  ],
  [
    'London in October: an hourly job in the hour that comes twice',
    {
      cron: '0 * * * *',
      timezone: 'Europe/London',
      from: '2026-10-24T22:30:00Z',
      until: '2026-10-25T03:30:00Z',
      times: ['2026-10-24T23:00Z', ...[0, 1, 2, 3].map((hour) => `2026-10-25T0${hour}:00Z`)],
      leftOut: ['2026-10-25T01:00Z'],
    },
  ],
  [
    'London in October: 01:30 comes twice, a daily job runs once',
    {
      cron: '30 1 * * *',
      timezone: 'Europe/London',
      from: '2026-10-24T23:00:00Z',
      until: '2026-10-26T06:00:00Z',
      times: ['2026-10-25T00:30Z', '2026-10-26T01:30Z'],
      leftOut: [],
    },
  ],
  [
    'New York in March: an hourly job, of which the gap takes nothing',
    {
      cron: '0 * * * *',
      timezone: 'America/New_York',
      from: '2026-03-08T04:30:00Z',
      until: '2026-03-08T09:30:00Z',
      times: [5, 6, 7, 8, 9].map((hour) => `2026-03-08T0${hour}:00Z`),
      leftOut: [],
    },
  ],
];

describe.each(CHANGES)('%s', (_, { cron, timezone, from, until, times, leftOut }) => {
  it('Scheduler alone leaves out what EventBridge does', async () => {
    await open(from);
    await create({ cron_expression: cron, timezone });

    await passUntil(until, async () => undefined);

    const alone = times.filter((time) => !leftOut.includes(time));
    expect(await nominals()).toEqual(alone);
  });

  it('with the sweeper every nominal time has one run, and it starts nothing else', async () => {
    await open(from);
    await create({ cron_expression: cron, timezone });
    const repaired: string[] = [];

    await passUntil(until, async () => {
      await sweep(world.product);
      repaired.push(...(await world.dispatchAll()));
    });

    expect(await nominals()).toEqual(times);
    const runs = await world.runsOf(USER);
    const late = runs.filter(({ runId }) => repaired.includes(runId));
    expect(late.map(nominalOf)).toEqual(leftOut);
    expect(late.map(({ lateByMs }) => lateByMs)).toEqual(leftOut.map(() => 2 * MINUTE));
  });
});

/** Everything is off from one time until another; then the machine starts as it always does. */
async function offUntil(time: string): Promise<void> {
  await world.close();
  clock.advanceTo(time);
  world = await openWorld(directory, clock);
  await recoverAll(world.product);
  await sweep(world.product);
  await world.dispatchAll();
}

/** The history as a user reads it: when it was meant, and how it went. */
async function history(): Promise<string[]> {
  const runs = await world.runsOf(USER);
  return runs.map((run) => {
    const time = nominalOf(run).slice(11, 16);
    if (run.rejection) return `${time} ${run.rejection.reason} ${run.rejection.count}`;
    return run.lateByMs === undefined ? time : `${time} late ${run.lateByMs / MINUTE}`;
  });
}

const EVERY_20_MINUTES = { cron_expression: '*/20 * * * *' };
const HOURLY = { cron_expression: '0 * * * *' };
const AT_HALF = { run_at: '2026-11-22T09:30:00.000Z' };
const START = '2026-11-22T09:00:30.000Z';

describe('a machine that was off for an hour', () => {
  it.each<[object, 'latest' | 'all' | 'none', string, string[]]>([
    [EVERY_20_MINUTES, 'latest', '10:12:00', ['09:20 missed 2', '10:00 late 12', '10:20']],
    [
      EVERY_20_MINUTES,
      'all',
      '10:12:00',
      ['09:20 late 52', '09:40 late 32', '10:00 late 12', '10:20'],
    ],
    [EVERY_20_MINUTES, 'none', '10:12:00', ['09:20 missed 3', '10:20']],
    // Less than five minutes is late, not missed.
    [EVERY_20_MINUTES, 'none', '10:03:00', ['09:20 missed 2', '10:00 late 3', '10:20']],
    [AT_HALF, 'latest', '10:12:00', ['09:30 late 42']],
    [AT_HALF, 'all', '10:12:00', ['09:30 late 42']],
    [AT_HALF, 'none', '10:12:00', ['09:30 missed 1']],
  ])('%o with catch_up %s, on again at %s: %o', async (trigger, catchUp, on, expected) => {
    await open(START);
    const agent = await create(trigger, catchUp);

    await offUntil(`2026-11-22T${on}Z`);
    clock.advanceTo('2026-11-22T10:20:00Z');
    await world.dispatchAll();
    clock.advanceTo('2026-11-22T10:22:00Z');
    await recoverAll(world.product);
    await sweep(world.product);

    expect(await history()).toEqual(expected);
    const next = (await world.product.schedules.find(USER, agent.id))?.nextAt;
    expect(next).toBe(trigger === AT_HALF ? undefined : Date.parse('2026-11-22T10:40:00Z'));
  });

  it('for three days: the last day runs with all, and the rest is counted', async () => {
    await open(START);
    await create({ cron_expression: '0 */6 * * *' }, 'all');

    await offUntil('2026-11-25T09:00:30Z');

    expect(await history()).toEqual([
      '12:00 missed 8',
      '12:00 late 1260.5',
      '18:00 late 900.5',
      '00:00 late 540.5',
      '06:00 late 180.5',
    ]);
  });

  it('for three days: latest runs the newest, and the rest is counted', async () => {
    await open(START);
    await create({ cron_expression: '0 9 * * *' });

    await offUntil('2026-11-26T08:00:30Z');

    expect(await history()).toEqual(['09:00 missed 2', '09:00 late 1380.5']);
  });
});

it.each([
  [
    'given another schedule',
    { trigger_config: { type: 'schedule', ...HOURLY } },
    ['09:20', '10:00'],
  ],
  ['given another trigger', { trigger_config: { type: 'manual' } }, ['09:20']],
  ['disabled', { enabled: false }, ['09:20']],
])(
  'a time that has come and was not started yet runs although its agent is %s',
  async (_, change, expected) => {
    await open(START);
    const { id } = await create(EVERY_20_MINUTES);
    clock.advanceTo('2026-11-22T09:20:00.500Z');

    await patchAgent(USER, id, PatchAgent.parse(change), undefined, world.product);

    await world.dispatchAll();
    clock.advanceTo('2026-11-22T10:00:00Z');
    await world.dispatchAll();
    clock.advanceTo('2026-11-22T10:05:00Z');
    await sweep(world.product);
    expect(await history()).toEqual(expected);
  },
);

it('one time with a fraction of a second is fired by Scheduler, and never early', async () => {
  await open(START);
  await create({ run_at: '2026-11-22T09:10:00.250Z' });

  clock.advanceTo('2026-11-22T09:10:00.999Z');
  await world.dispatchAll();
  expect(await world.runsOf(USER)).toEqual([]);
  clock.advanceTo('2026-11-22T09:10:01Z');
  await world.dispatchAll();
  clock.advanceTo('2026-11-22T09:15:00Z');
  await sweep(world.product);

  const runs = await world.runsOf(USER);
  expect(runs.map(nominalOf)).toEqual(['2026-11-22T09:10:00.250Z']);
});

it('a schedule that was made after its account was removed fires once, starts nothing, and is forgotten', async () => {
  await open('2026-11-22T09:00:30.000Z');
  const orphan = {
    userId: USER,
    agentId: 'agt_00000000000000000000000009',
    generation: 4,
    oldestGeneration: 4,
    isApplied: false,
    catchUp: 'none',
  } as const;
  const everyMinute = { kind: 'cron', cronExpression: '* * * * *', timezone: 'UTC' } as const;
  await world.product.timetable.put(orphan, everyMinute);
  expect(await world.known()).toHaveLength(1);

  clock.advanceTo('2026-11-22T09:01:05.000Z');
  await world.dispatchAll();
  await sweep(world.product);

  expect(await world.known()).toEqual([]);
  expect(await world.runsOf(USER)).toEqual([]);
});
