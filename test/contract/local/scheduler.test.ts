import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  DeleteScheduleCommand,
  GetScheduleCommand,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import {
  type Machine,
  type ManualClock,
  manualClock,
  messageSchedule,
  received,
  scheduledStack,
  startMachine,
} from './scheduler-stack.ts';

const START = '2026-11-22T08:00:30Z';
let directory: string;
let clock: ManualClock;
let machine: Machine;

beforeEach(async () => {
  directory = temporaryDirectory();
  clock = manualClock(START);
  machine = await startMachine(directory, { clock });
});
afterEach(async () => {
  await machine.close();
});

const create = (name: string, changes?: Partial<CreateScheduleCommandInput>) =>
  machine.aws.scheduler.send(new CreateScheduleCommand(messageSchedule(machine, name, changes)));
const get = (Name: string) =>
  machine.aws.scheduler.send(new GetScheduleCommand({ Name, GroupName: 'agents' }));
const target = (changes: object) =>
  ({ ...messageSchedule(machine, 'x').Target, ...changes }) as NonNullable<
    CreateScheduleCommandInput['Target']
  >;

/** What arrives next, as `name at`. */
async function arrivals(count: number): Promise<string[]> {
  const found: string[] = [];
  return eventually(async () => {
    for (const { body } of await received(machine)) {
      const { name, at } = JSON.parse(body);
      found.push(`${name} ${at}`);
    }
    expect(found).toHaveLength(count);
    return found.toSorted();
  }, 3);
}

describe('delivery', () => {
  it('sends what the input says, with its group, when the time has come', async () => {
    await create('daily');

    clock.advanceTo('2026-11-22T08:59:59Z');
    expect(await received(machine)).toEqual([]);
    clock.advanceTo('2026-11-22T09:00:00Z');

    const messages = await eventually(async () => {
      const some = await received(machine);
      expect(some).toHaveLength(1);
      return some;
    });
    expect(messages).toEqual([
      { body: '{"name":"daily","at":"2026-11-22T09:00:00Z"}', group: 'user-1' },
    ]);
    clock.advanceTo('2026-11-24T09:30:00Z');
    expect(await arrivals(2)).toEqual(['daily 2026-11-23T09:00:00Z', 'daily 2026-11-24T09:00:00Z']);
    expect(machine.emulators.schedules.invocations()).toBe(3);
  });

  it('fills in who, when and which attempt', async () => {
    const text =
      '<aws.scheduler.schedule-arn> <aws.scheduler.attempt-number> <aws.scheduler.execution-id>';
    const QueueUrl = machine.deployment.physical('Work');
    await create('filled', {
      Target: target({ Input: JSON.stringify({ QueueUrl, MessageBody: text }) }),
    });
    clock.advanceTo('2026-11-23T09:00:00Z');

    const bodies = await eventually(async () => {
      const some = await received(machine);
      expect(some).toHaveLength(2);
      return some.map(({ body }) => body.split(' '));
    });

    const [first, second] = bodies;
    expect(first?.slice(0, 2)).toEqual([
      'arn:aws:scheduler:us-east-1:000000000000:schedule/agents/filled',
      '1',
    ]);
    expect(first?.[2]).toMatch(/^[0-9a-f-]{36}$/);
    expect(second?.[2]).not.toBe(first?.[2]);
  });

  it('counts a rate from the second after it was made, and from its start date', async () => {
    await create('rate', { ScheduleExpression: 'rate(10 minutes)' });
    await create('later', {
      ScheduleExpression: 'rate(10 minutes)',
      StartDate: new Date('2026-11-22T08:15:00Z'),
      EndDate: new Date('2026-11-22T08:25:00Z'),
    });

    clock.advanceTo('2026-11-22T08:59:00Z');

    expect(await arrivals(8)).toEqual([
      'later 2026-11-22T08:15:00Z',
      'later 2026-11-22T08:25:00Z',
      'rate 2026-11-22T08:00:31Z',
      'rate 2026-11-22T08:10:31Z',
      'rate 2026-11-22T08:20:31Z',
      'rate 2026-11-22T08:30:31Z',
      'rate 2026-11-22T08:40:31Z',
      'rate 2026-11-22T08:50:31Z',
    ]);
  });

  it('runs once in the zone of the schedule, and removes it when asked so', async () => {
    const ScheduleExpression = 'at(2026-11-22T09:30:00)';
    const ScheduleExpressionTimezone = 'Europe/Paris';
    await create('gone', {
      ScheduleExpression,
      ScheduleExpressionTimezone,
      ActionAfterCompletion: 'DELETE',
    });
    await create('stays', { ScheduleExpression, ScheduleExpressionTimezone });

    clock.advanceTo('2026-11-23T09:00:00Z');

    expect(await arrivals(2)).toEqual(['gone 2026-11-22T08:30:00Z', 'stays 2026-11-22T08:30:00Z']);
    await eventually(() =>
      expect(get('gone')).rejects.toMatchObject({ name: 'ResourceNotFoundException' }),
    );
    expect(await get('stays')).toMatchObject({ State: 'ENABLED' });
  });

  it('heeds changes, pauses and deletion', async () => {
    for (const name of ['changed', 'paused', 'deleted']) await create(name);
    const update = (name: string, changes: Partial<CreateScheduleCommandInput>) =>
      machine.aws.scheduler.send(
        new UpdateScheduleCommand(messageSchedule(machine, name, changes)),
      );
    await update('changed', { ScheduleExpression: 'cron(15 9 * * ? *)' });
    await update('paused', { State: 'DISABLED' });
    await machine.aws.scheduler.send(
      new DeleteScheduleCommand({ Name: 'deleted', GroupName: 'agents' }),
    );
    clock.advanceTo('2026-11-22T12:00:00Z');
    expect(await arrivals(1)).toEqual(['changed 2026-11-22T09:15:00Z']);

    await update('paused', {});
    clock.advanceTo('2026-11-23T09:00:00Z');

    expect(await arrivals(1)).toEqual(['paused 2026-11-23T09:00:00Z']);
  });

  it('delivers 500 that are due at once within a second', async () => {
    const names = Array.from({ length: 500 }, (_, index) => `crowd-${index}`);
    await Promise.all(names.map((name) => create(name)));

    const startedAt = performance.now();
    clock.advanceTo('2026-11-22T09:00:00Z');
    let arrived = 0;
    await eventually(async () => {
      arrived += (await received(machine)).length;
      expect(arrived).toBe(500);
    });

    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('invokes functions, and sends to queues without a message of their own', async () => {
    const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:Small-Sweep';
    const mayTarget = [
      { Effect: 'Allow', Action: ['sqs:SendMessage', 'lambda:InvokeFunction'], Resource: '*' },
    ];
    await machine.close();
    machine = await startMachine(directory, {
      clock,
      resources: scheduledStack({ mayTarget }),
    });
    await create('function', { Target: target({ Arn: functionArn, Input: '{"sweep":true}' }) });
    const queueArn = machine.deployment.attribute('Work', 'Arn');
    await create('queue', { Target: target({ Arn: queueArn, Input: undefined }) });

    clock.advanceTo('2026-11-22T09:00:00Z');

    await eventually(() => expect(machine.invoked).toEqual([[functionArn, '{"sweep":true}']]));
    const [message] = await eventually(async () => {
      const some = await received(machine);
      expect(some).toHaveLength(1);
      return some;
    });
    expect(JSON.parse(message?.body ?? '')).toMatchObject({
      source: 'aws.scheduler',
      time: '2026-11-22T09:00:00Z',
      resources: ['arn:aws:scheduler:us-east-1:000000000000:schedule/agents/queue'],
    });
  });
});

describe('a target that cannot be called', () => {
  it('is reported when its role may not, and its event goes to the dead-letter queue', async () => {
    const Resource = { 'Fn::GetAtt': ['Dead', 'Arn'] };
    const mayTarget = [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource }];
    await machine.close();
    machine = await startMachine(directory, {
      clock,
      resources: scheduledStack({ mayTarget }),
    });
    await create('denied', {
      Target: target({ DeadLetterConfig: { Arn: machine.deployment.attribute('Dead', 'Arn') } }),
    });

    clock.advanceTo('2026-11-22T09:00:00Z');

    await eventually(() => expect(machine.problems).toHaveLength(1));
    expect(machine.problems[0]).toBe(
      'arn:aws:scheduler:us-east-1:000000000000:schedule/agents/denied: AccessDenied: ' +
        'arn:aws:iam::000000000000:role/Small-Caller may not sqs:SendMessage on ' +
        'arn:aws:sqs:us-east-1:000000000000:Small-Work',
    );
    expect(await received(machine)).toEqual([]);
    const letters = await received(machine, 'Dead');
    expect(letters).toMatchObject([{ body: target({}).Input }]);
  });

  it('is reported when its queue is gone', async () => {
    const Input = JSON.stringify({
      QueueUrl: machine.deployment.physical('Work').replace('Work', 'Nowhere'),
      MessageBody: 'x',
    });
    await create('lost', { Target: target({ Input }) });
    clock.advanceTo('2026-11-22T09:00:00Z');
    await eventually(() =>
      expect(machine.problems).toEqual([expect.stringContaining('QueueDoesNotExist')]),
    );
  });
});

describe('a restart', () => {
  const restart = async (at: string) => {
    await machine.close();
    clock.advanceTo(at);
    machine = await startMachine(directory, { clock });
  };

  it('goes on with schedules and groups, and makes up for nothing', async () => {
    await create('daily');
    await create('hourly', { ScheduleExpression: 'cron(0 * * * ? *)' });
    await create('missed', {
      ScheduleExpression: 'at(2026-11-22T09:30:00)',
      ActionAfterCompletion: 'DELETE',
    });
    clock.advanceTo('2026-11-22T09:00:00Z');
    await arrivals(2);

    await restart('2026-11-22T11:30:00Z');
    clock.advanceTo('2026-11-22T12:00:00Z');

    expect(await arrivals(1)).toEqual(['hourly 2026-11-22T12:00:00Z']);
    await eventually(() =>
      expect(get('missed')).rejects.toMatchObject({ name: 'ResourceNotFoundException' }),
    );
  });

  it('does not deliver again what was delivered', async () => {
    await create('daily');
    clock.advanceTo('2026-11-22T09:00:00Z');
    await arrivals(1);
    await restart('2026-11-22T09:00:00Z');
    clock.advanceTo('2026-11-22T09:30:00Z');
    expect(await received(machine)).toEqual([]);
  });
});

it('runs nothing that came due while the machine slept, but what has just come due', async () => {
  await create('minutely', { ScheduleExpression: 'cron(* * * * ? *)' });
  clock.jumpTo('2026-11-22T10:00:10Z');

  expect(await arrivals(1)).toEqual(['minutely 2026-11-22T10:00:00Z']);
});
