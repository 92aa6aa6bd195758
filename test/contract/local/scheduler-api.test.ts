import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  DeleteScheduleCommand,
  GetScheduleCommand,
  GetScheduleGroupCommand,
  ListSchedulesCommand,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '#test/helpers/directories';
import {
  type Machine,
  messageSchedule,
  scheduledStack,
  startMachine,
  trust,
} from './scheduler-stack.ts';
import { clients, deployed } from './small-stack.ts';

const directory = temporaryDirectory();
const ARN = 'arn:aws:scheduler:us-east-1:000000000000:schedule/agents';
let machine: Machine;

beforeAll(async () => {
  machine = await startMachine(directory);
});
afterAll(async () => {
  await machine.close();
});

const create = (name: string, changes?: Partial<CreateScheduleCommandInput>) =>
  machine.aws.scheduler.send(new CreateScheduleCommand(messageSchedule(machine, name, changes)));
const get = (Name: string) =>
  machine.aws.scheduler.send(new GetScheduleCommand({ Name, GroupName: 'agents' }));

describe('a schedule', () => {
  it('is created, read, changed as a whole and deleted', async () => {
    const EndDate = new Date('2099-01-01T00:00:00Z');
    const created = await create('whole', { Description: 'first', EndDate });
    const first = await get('whole');
    const wanted = messageSchedule(machine, 'whole', {
      ScheduleExpression: 'rate(5 minutes)',
      ScheduleExpressionTimezone: 'Europe/London',
      State: 'DISABLED',
    });
    await machine.aws.scheduler.send(new UpdateScheduleCommand(wanted));
    const second = await get('whole');
    await machine.aws.scheduler.send(
      new DeleteScheduleCommand({ Name: 'whole', GroupName: 'agents' }),
    );

    expect(created.ScheduleArn).toBe(`${ARN}/whole`);
    expect(first).toMatchObject({
      Arn: `${ARN}/whole`,
      Name: 'whole',
      GroupName: 'agents',
      Description: 'first',
      EndDate,
      State: 'ENABLED',
      ScheduleExpressionTimezone: 'UTC',
      ActionAfterCompletion: 'NONE',
      Target: wanted.Target,
    });
    expect(first.CreationDate?.getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(second).toMatchObject({ ScheduleExpression: 'rate(5 minutes)', State: 'DISABLED' });
    expect(second.Description).toBeUndefined();
    expect(second.EndDate).toBeUndefined();
    expect(second.CreationDate).toEqual(first.CreationDate);
    await expect(get('whole')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Schedule whole does not exist.',
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('is created once: again by the same request only', async () => {
    await create('once', { ClientToken: 'token-1' });
    const again = await create('once', { ClientToken: 'token-1' });
    expect(again.ScheduleArn).toBe(`${ARN}/once`);
    await expect(create('once', { ClientToken: 'token-2' })).rejects.toMatchObject({
      name: 'ConflictException',
      message: 'Schedule once already exists.',
      $metadata: { httpStatusCode: 409 },
    });
    const other = { ClientToken: 'token-1', Description: 'another' };
    await expect(create('once', other)).rejects.toMatchObject({ name: 'ConflictException' });
  });

  it('needs to exist to be changed or deleted', async () => {
    const missing = messageSchedule(machine, 'missing');
    const update = machine.aws.scheduler.send(new UpdateScheduleCommand(missing));
    await expect(update).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const remove = machine.aws.scheduler.send(new DeleteScheduleCommand({ Name: 'missing' }));
    await expect(remove).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('is in a group that exists', async () => {
    await expect(create('lost', { GroupName: 'nowhere' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Schedule group nowhere does not exist.',
    });
    const { Arn, State } = await machine.aws.scheduler.send(
      new GetScheduleGroupCommand({ Name: 'agents' }),
    );
    expect(Arn).toBe('arn:aws:scheduler:us-east-1:000000000000:schedule-group/agents');
    expect(State).toBe('ACTIVE');
    const withoutGroup = await create('plain', { GroupName: undefined });
    expect(withoutGroup.ScheduleArn).toBe(`${ARN.replace('agents', 'default')}/plain`);
  });

  it('is listed by group, prefix and state, page by page', async () => {
    for (const name of ['list-b', 'list-a', 'list-c']) await create(name);
    await create('list-off', { State: 'DISABLED' });
    const page = async (NextToken?: string) =>
      machine.aws.scheduler.send(
        new ListSchedulesCommand({
          GroupName: 'agents',
          NamePrefix: 'list-',
          State: 'ENABLED',
          MaxResults: 2,
          NextToken,
        }),
      );

    const first = await page();
    const second = await page(first.NextToken);

    expect(first.Schedules).toMatchObject([
      { Name: 'list-a', Arn: `${ARN}/list-a`, State: 'ENABLED', GroupName: 'agents' },
      { Name: 'list-b' },
    ]);
    expect(second.Schedules).toMatchObject([{ Name: 'list-c' }]);
    expect(second.NextToken).toBeUndefined();
  });
});

describe('ValidationException', () => {
  const target = (changes: object) => ({
    Target: { ...messageSchedule(machine, 'x').Target, ...changes } as never,
  });

  it.each([
    ['a name with a space', () => ({ Name: 'a b' }), "Value 'a b' at 'name' failed to satisfy"],
    ['a name of 65', () => ({ Name: 'x'.repeat(65) }), 'length less than or equal to 64'],
    [
      'no expression',
      () => ({ ScheduleExpression: undefined }),
      "1 validation error detected: Value null at 'scheduleExpression' failed to satisfy constraint: Member must not be null",
    ],
    [
      '257 characters',
      () => ({ ScheduleExpression: 'x'.repeat(257) }),
      'less than or equal to 256',
    ],
    [
      'unix cron',
      () => ({ ScheduleExpression: 'cron(0 9 * * *)' }),
      'Invalid Schedule Expression cron(0 9 * * *).',
    ],
    ['an unknown zone', () => ({ ScheduleExpressionTimezone: 'Mars/Olympus' }), 'Invalid timezone'],
    ['no target', () => ({ Target: undefined }), "Value null at 'target'"],
    ['no role', () => target({ RoleArn: undefined }), "Value null at 'target.roleArn'"],
    [
      'a role that does not trust Scheduler',
      () => target({ RoleArn: machine.deployment.attribute('Role', 'Arn') }),
      'must allow AWS EventBridge Scheduler to assume the role',
    ],
    [
      'a role that does not exist',
      () => target({ RoleArn: 'arn:aws:iam::000000000000:role/nobody' }),
      'must allow AWS EventBridge Scheduler to assume the role',
    ],
    ['a message without a queue', () => target({ Input: '{"MessageBody":"x"}' }), 'QueueUrl'],
    ['a message that is no JSON', () => target({ Input: 'hello' }), 'Invalid RequestJson'],
    ['another target', () => target({ Arn: 'arn:aws:sns:us-east-1:1:t' }), 'not available'],
    ['no window', () => ({ FlexibleTimeWindow: undefined }), "Value null at 'flexibleTimeWindow'"],
    [
      'a flexible window',
      () => ({ FlexibleTimeWindow: { Mode: 'FLEXIBLE' as const } }),
      'FLEXIBLE is not available on one machine',
    ],
    ['another state', () => ({ State: 'ON' as never }), '[ENABLED, DISABLED]'],
    ['a start long ago', () => ({ StartDate: new Date(0) }), 'StartDate'],
    ['an end long ago', () => ({ EndDate: new Date(0) }), 'EndDate'],
    [
      '186 retries',
      () => target({ RetryPolicy: { MaximumRetryAttempts: 186 } }),
      'less than or equal to 185',
    ],
  ])('refuses %s', async (_, changes, message) => {
    await expect(create('invalid', changes())).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(message),
      $metadata: { httpStatusCode: 400 },
    });
  });
});

describe('a function', () => {
  const allow = (action: string, Resource: string, extra = {}) => ({
    Effect: 'Allow',
    Action: action,
    Resource,
    ...extra,
  });
  const passRole = (service: string) =>
    allow('iam:PassRole', machine.deployment.attribute('Caller', 'Arn'), {
      Condition: { StringEquals: { 'iam:PassedToService': service } },
    });
  const createAs = (...may: object[]) => {
    const caller = clients(
      deployed({ Resources: scheduledStack({ may }) }),
      machine.emulators.endpoints,
    );
    const input = messageSchedule(machine, `by-function-${may.length}`);
    return caller.scheduler.send(new CreateScheduleCommand(input));
  };

  it('may only do what its role says about the schedule', async () => {
    await expect(createAs(allow('scheduler:GetSchedule', '*'))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `User: arn:aws:sts::000000000000:assumed-role/Small-Role/Small-Worker is not authorized to perform: scheduler:CreateSchedule on resource: ${ARN}/by-function-1 because no identity-based policy allows the scheduler:CreateSchedule action`,
      $metadata: { httpStatusCode: 403 },
    });
  });

  it('needs iam:PassRole on the role of its target', async () => {
    const refused = createAs(allow('scheduler:CreateSchedule', `${ARN}/*`));
    await expect(refused).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(
        'is not authorized to perform: iam:PassRole on resource: arn:aws:iam::000000000000:role/Small-Caller',
      ),
    });
  });

  it('passes the role to Scheduler and to nobody else', async () => {
    const may = allow('scheduler:CreateSchedule', `${ARN}/*`);
    await expect(createAs(may, passRole('lambda.amazonaws.com'))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    const created = await createAs(may, passRole('scheduler.amazonaws.com'));
    expect(created.ScheduleArn).toBe(`${ARN}/by-function-2`);
  });
});

it('heeds the conditions of a trust', async () => {
  const elsewhere = temporaryDirectory();
  const condition = {
    StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
    ArnLike: { 'aws:SourceArn': { 'Fn::GetAtt': ['Group', 'Arn'] } },
  };
  const trusted = trust('scheduler.amazonaws.com', condition);
  const resources = scheduledStack({ trusted });
  const careful = await startMachine(elsewhere, { resources });
  const inGroup = (GroupName: string) =>
    careful.aws.scheduler.send(
      new CreateScheduleCommand(messageSchedule(careful, 'trusted', { GroupName })),
    );

  await inGroup('agents');
  await expect(inGroup('default')).rejects.toMatchObject({ name: 'ValidationException' });

  await careful.close();
});
