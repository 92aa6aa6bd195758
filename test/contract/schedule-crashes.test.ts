import { afterAll, describe, expect, it } from 'vitest';
import { type Agent, PatchAgent } from '#core/agents/agent';
import { createAgent, deleteAgent, patchAgent } from '#core/agents/agents';
import { sweep } from '#core/runs/sweep';
import { fireSchedule } from '#core/schedules/fire-schedule';
import { applySchedule } from '#core/schedules/schedule-changes';
import { parseCron, toSchedulerExpressions } from '#core/schedules/schedules';
import { nextFire, type StoredSchedule, type Timing, timingOf } from '#core/schedules/timetable';
import { temporaryDirectory } from '#test/helpers/directories';
import { manualClock } from './local/scheduler-stack.ts';
import {
  type Fault,
  type KnownSchedule,
  openWorld,
  type ProductProcess,
  scheduledAgent,
} from './schedule-world.ts';

const START = '2026-11-22T08:00:30.000Z';
/** Two schedules of Scheduler: its day fields do not mean "or". */
const TWO_PARTS = { cron_expression: '30 9 1 * 1', timezone: 'Europe/Paris' };
const ONE_PART = { cron_expression: '*/15 * * * *', timezone: 'UTC' };

const directory = temporaryDirectory();
const clock = manualClock(START);
const world = await openWorld(directory, clock);
const { product } = world;
afterAll(async () => {
  await world.close();
});

/** A change of an agent, as the API makes it. */
type Change = (process: ProductProcess, userId: string, agentId: string) => Promise<unknown>;

const patch =
  (body: object): Change =>
  (process, userId, agentId) =>
    patchAgent(userId, agentId, PatchAgent.parse(body), undefined, process);
const timing = (trigger: object) => patch({ trigger_config: { type: 'schedule', ...trigger } });
const create: Change = (process, userId) => createAgent(userId, scheduledAgent(TWO_PARTS), process);
const remove: Change = (process, userId, agentId) => deleteAgent(userId, agentId, process);

/** What happened before, the change that is cut off, and how many calls of AWS it makes at least. */
const CHANGES: [name: string, earlier: Change[], change: Change, calls: number][] = [
  ['creating', [], create, 4],
  ['changing the timing to one part', [create], timing(ONE_PART), 7],
  ['changing the timing to two parts', [create, timing(ONE_PART)], timing(TWO_PARTS), 8],
  ['changing the timing to one time', [create], timing({ run_at: '2026-11-22T09:00:00Z' }), 7],
  ['changing the name', [create], patch({ name: 'Other' }), 3],
  ['disabling', [create], patch({ enabled: false }), 7],
  ['enabling', [create, patch({ enabled: false })], patch({ enabled: true }), 6],
  ['making it manual', [create], patch({ trigger_config: { type: 'manual' } }), 7],
  ['deleting', [create], remove, 7],
  ['deleting a disabled one', [create, patch({ enabled: false })], remove, 5],
];

let users = 0;

/** One agent of a user of its own, with one change that a fault cut off. */
async function cutOff(earlier: readonly Change[], change: Change, fault: Fault) {
  users += 1;
  const userId = `user-${users}`;
  for (const step of earlier) await step(product, userId, await agentIdOf(userId));
  const agentId = await agentIdOf(userId);
  const faulty = world.faultyProcess(fault);
  // A caller may or may not hear of it.
  await change(faulty, userId, agentId).catch(() => undefined);
  return { userId, agentId: agentId || (await agentIdOf(userId)), isStruck: faulty.isStruck() };
}

async function agentIdOf(userId: string): Promise<string> {
  const { items } = await product.agents.list(userId, { limit: 1, after: undefined });
  return items[0]?.id ?? '';
}

/** What Scheduler should know of an agent, by what the table says. */
function wanted(agent: Agent | undefined, schedule: StoredSchedule | undefined): KnownSchedule[] {
  const timing = agent && timingOf(agent);
  expect(schedule?.timing).toEqual(timing);
  if (!agent || !schedule || !timing) return [];
  const { generation } = schedule;
  const expressions =
    timing.kind === 'once'
      ? [`at(${new Date(timing.runAt).toISOString().slice(0, 19)})`]
      : toSchedulerExpressions(parseCron(timing.cronExpression));
  return expressions.map((expression, part) => ({
    name: `${agent.id}-${generation}-${part}`,
    expression,
    timezone: timing.kind === 'once' ? 'UTC' : timing.timezone,
    fire: expect.objectContaining({ agent_id: agent.id, generation }),
  }));
}

/** Fires of every generation but the current one, at a time that the schedule has, or else had. */
async function fireStale(userId: string, agentId: string): Promise<void> {
  const schedule = await product.schedules.find(userId, agentId);
  const { timing, generation: last = 0 } = schedule ?? {};
  const { cron_expression: cronExpression, timezone } = TWO_PARTS;
  const had: Timing = { kind: 'cron', cronExpression, timezone };
  const scheduledAt = nextFire(timing ?? had, clock.now()) ?? 0;
  for (let generation = 1; generation <= last; generation += 1) {
    if (timing && generation === last) continue;
    const ref = await fireSchedule({ userId, agentId, generation, scheduledAt }, product);
    expect(ref, `a run by generation ${generation}`).toBeUndefined();
  }
}

/** A fire of the generation that the table names. @returns how many runs that should make */
async function fireCurrent(userId: string, agentId: string): Promise<number> {
  const schedule = await product.schedules.find(userId, agentId);
  const scheduledAt = schedule?.timing && nextFire(schedule.timing, clock.now());
  if (!schedule || scheduledAt === undefined) return 0;
  await fireSchedule({ userId, agentId, generation: schedule.generation, scheduledAt }, product);
  return 1;
}

async function expectAgreement(userId: string, agentId: string, where: string): Promise<void> {
  const agent = agentId ? await product.agents.find(userId, agentId) : undefined;
  const schedule = agentId ? await product.schedules.find(userId, agentId) : undefined;
  const known = (await world.known()).filter(({ name }) => name.startsWith(agentId || '-'));
  expect(known, where).toEqual(wanted(agent, schedule));
}

describe.each(CHANGES)('%s, cut off at each call of AWS', (_, earlier, change, calls) => {
  it.each([
    ['refused', 'and the sweep comes first', false],
    ['dies', 'and the sweep comes first', false],
    ['dies', 'and a fire comes before the sweep', true],
  ] as const)(
    'Scheduler equals the table after a sweep, and no stale fire runs: %s, %s',
    async (kind, _, isFired) => {
      const strangers = (await world.known()).length;
      for (let call = 1, isStruck = true; isStruck; call += 1) {
        const where = `call ${call}`;
        const cut = await cutOff(earlier, change, { call, kind });
        const { userId, agentId } = cut;
        ({ isStruck } = cut);
        expect(isStruck || call > calls, `${where} of at least ${calls}`).toBe(true);
        if (agentId === '') continue;

        const early = isFired ? await fireCurrent(userId, agentId) : 0;
        await sweep(product);

        await expectAgreement(userId, agentId, where);
        const runs = isFired ? early : await fireCurrent(userId, agentId);
        await fireStale(userId, agentId);
        expect(await world.runsOf(userId), where).toHaveLength(runs);
        await cleanUp(userId, agentId);
      }
      expect(await world.known()).toHaveLength(strangers);
    },
  );
});

it('Scheduler equals the table after changes and a deletion at the same time', async () => {
  for (let round = 0; round < 10; round += 1) {
    users += 1;
    const userId = `user-${users}`;
    await create(product, userId, '');
    const agentId = await agentIdOf(userId);

    await Promise.allSettled(
      [timing(ONE_PART), remove, timing(TWO_PARTS), patch({ enabled: false })].map((change) =>
        change(product, userId, agentId),
      ),
    );
    await sweep(product);

    expect(await product.agents.find(userId, agentId)).toBeUndefined();
    await expectAgreement(userId, agentId, `round ${round}`);
  }
});

describe.each<[string, Change]>([
  ['a later change', timing(ONE_PART)],
  ['a deletion', remove],
])('what a process that had stalled tells Scheduler after %s', (_, later) => {
  async function stalledOne() {
    users += 1;
    const userId = `user-${users}`;
    await create(product, userId, '');
    const agentId = await agentIdOf(userId);
    const stalled = await product.schedules.find(userId, agentId);
    await later(product, userId, agentId);
    if (!stalled?.timing) throw new Error('There is no schedule.');
    return { userId, agentId, stalled, timing: stalled.timing };
  }

  it('it takes back itself', async () => {
    const { userId, agentId, stalled } = await stalledOne();

    await applySchedule(stalled, product);

    await expectAgreement(userId, agentId, 'at its end');
  });

  it('is forgotten once it fires, when it dies before that', async () => {
    const { userId, agentId, stalled, timing } = await stalledOne();
    await product.timetable.put(stalled, timing);

    await fireStale(userId, agentId);
    await sweep(product);

    await expectAgreement(userId, agentId, 'after its fire');
  });
});

it('one time that passes before Scheduler hears of it runs once, and Scheduler knows nothing', async () => {
  users += 1;
  const userId = `user-${users}`;
  // The calls before are those that open the account and write the agent.
  const dying = world.faultyProcess({ call: 5, kind: 'dies' });
  const agent = scheduledAgent({ run_at: '2026-11-22T08:30:00Z' });
  await createAgent(userId, agent, dying).catch(() => undefined);
  expect(dying.isStruck()).toBe(true);

  for (const time of ['08:30:20', '08:30:50', '08:31:31', '08:32:31']) {
    clock.advanceTo(`2026-11-22T${time}Z`);
    await sweep(product);
  }

  expect(await world.runsOf(userId)).toMatchObject([{ status: 'queued', lateByMs: 20_000 }]);
  expect((await world.known()).map(({ fire }) => fire.agent_id)).not.toContain(
    await agentIdOf(userId),
  );
});

async function cleanUp(userId: string, agentId: string): Promise<void> {
  if (await product.agents.find(userId, agentId)) await deleteAgent(userId, agentId, product);
}
