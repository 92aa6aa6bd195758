import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientConfig } from '#adapters/aws-clients';
import { rolePolicies } from '#local/iam/role-policies';
import { createSdkHandler } from '#local/sdk-handler';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import { clients, deployed, smallStack } from './small-stack.ts';
import {
  definition,
  type StatesMachine,
  startStatesMachine,
  task,
  waitingTask,
} from './states-stack.ts';

const directory = temporaryDirectory();
let machine: StatesMachine;

const machines = {
  Chain: definition({
    Run: task({ Next: 'Route', End: undefined, Assign: { n: '{% $states.result.Payload.n %}' } }),
    Route: {
      Type: 'Choice',
      Choices: [{ Condition: '{% $n > 1 %}', Next: 'Done', Output: { big: '{% $n %}' } }],
      Default: 'Rest',
    },
    Rest: { Type: 'Wait', Seconds: 0, Next: 'Done' },
    Done: { Type: 'Succeed' },
  }),
  Await: definition({ Ask: waitingTask() }),
  Until: definition({ Wait: { Type: 'Wait', Timestamp: '{% $states.input.until %}', End: true } }),
};

beforeAll(async () => {
  machine = await startStatesMachine(directory, { machines });
});
afterAll(async () => {
  await machine.close();
});

const workflow = () => machine.aws.workflow;
const succeed = (taskToken: string, output = '{"ok":true}') =>
  workflow().send(new SendTaskSuccessCommand({ taskToken, output }));
const startNamed = (name: string, input = '{}', logicalId = 'Await') =>
  workflow().send(
    new StartExecutionCommand({
      stateMachineArn: machine.deployment.physical(logicalId),
      name,
      input,
    }),
  );

/** Starts an execution and waits until the worker has its token. */
async function awaiting(name?: string) {
  const before = machine.invoked.length;
  const executionArn = await machine.start('Await', {}, name);
  await eventually(() => expect(machine.invoked.length).toBeGreaterThan(before));
  await eventually(async () =>
    expect(await machine.history(executionArn)).toContain('TaskSubmitted'),
  );
  return { executionArn, token: String(machine.invoked.at(-1)?.['token']) };
}

// https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token
describe('a task token', () => {
  it('ends its task with an output, once', async () => {
    const { executionArn, token } = await awaiting();

    await succeed(token, '{"ok":1}');

    expect(await machine.ended(executionArn)).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"ok":1}',
    });
    await expect(succeed(token)).rejects.toMatchObject({ name: 'TaskTimedOut' });
    const heartbeat = workflow().send(new SendTaskHeartbeatCommand({ taskToken: token }));
    await expect(heartbeat).rejects.toMatchObject({ name: 'TaskTimedOut' });
  });

  it('ends its task with an error', async () => {
    const { executionArn, token } = await awaiting();
    await workflow().send(
      new SendTaskFailureCommand({ taskToken: token, error: 'Odd', cause: 'so' }),
    );
    expect(await machine.ended(executionArn)).toMatchObject({
      status: 'FAILED',
      error: 'Odd',
      cause: 'so',
    });
  });

  it('takes one of many answers that come at once', async () => {
    const { executionArn, token } = await awaiting();

    const answers = await Promise.allSettled(
      Array.from({ length: 100 }, (_, n) => succeed(token, String(n))),
    );

    const won = answers.flatMap(({ status }, n) => (status === 'fulfilled' ? [n] : []));
    expect(won).toHaveLength(1);
    expect((await machine.ended(executionArn)).output).toBe(String(won[0]));
  });

  it('is refused when it is none, and answers must be JSON', async () => {
    const { token } = await awaiting();
    await expect(succeed('nonsense')).rejects.toMatchObject({ name: 'InvalidToken' });
    await expect(succeed(token.slice(0, -12))).rejects.toMatchObject({ name: 'InvalidToken' });
    await expect(succeed(token, 'not json')).rejects.toMatchObject({ name: 'InvalidOutput' });
    await succeed(token);
  });

  it('does not exist when no machine here has given it', async () => {
    const other = Buffer.from(
      JSON.stringify([machine.deployment.physical('Await'), 10 ** 9, 'A'.repeat(32)]),
    ).toString('base64url');
    await expect(succeed(other)).rejects.toMatchObject({ name: 'TaskDoesNotExist' });
  });

  it('is void after the execution was stopped', async () => {
    const { executionArn, token } = await awaiting();
    await workflow().send(new StopExecutionCommand({ executionArn }));
    await expect(succeed(token)).rejects.toMatchObject({ name: 'TaskTimedOut' });
  });
});

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
describe('StartExecution', () => {
  it('gives the same answer again while the execution runs, also for many at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => startNamed('same', '{"a":1}')),
    );
    const [first] = answers;
    for (const { executionArn, startDate } of answers) {
      expect({ executionArn, startDate }).toEqual({
        executionArn: first?.executionArn,
        startDate: first?.startDate,
      });
    }
    await expect(startNamed('same', '{"a":2}')).rejects.toMatchObject({
      name: 'ExecutionAlreadyExists',
    });
  });

  it('refuses the name of an execution that has ended', async () => {
    await machine.ended((await startNamed('over', '{"n":2}', 'Chain')).executionArn ?? '');
    await expect(startNamed('over', '{"n":2}', 'Chain')).rejects.toMatchObject({
      name: 'ExecutionAlreadyExists',
    });
  });

  it.each([
    ['a name with a space', { name: 'a b' }, 'InvalidName'],
    ['a long name', { name: 'x'.repeat(81) }, 'InvalidName'],
    ['input that is no JSON', { input: '{' }, 'InvalidExecutionInput'],
    ['too much input', { input: JSON.stringify('x'.repeat(262_144)) }, 'ValidationException'],
    ['no ARN', { stateMachineArn: 'machine' }, 'InvalidArn'],
    [
      'no machine',
      { stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:none' },
      'StateMachineDoesNotExist',
    ],
  ])('refuses %s', async (_, changes, name) => {
    const stateMachineArn = machine.deployment.physical('Chain');
    const call = workflow().send(new StartExecutionCommand({ stateMachineArn, ...changes }));
    await expect(call).rejects.toMatchObject({ name });
  });
});

describe('executions', () => {
  it('are described, also the machine', async () => {
    const executionArn = await machine.start('Chain', { n: 2 }, 'described');
    const described = await machine.ended(executionArn);
    expect(described).toMatchObject({
      executionArn,
      stateMachineArn: machine.deployment.physical('Chain'),
      name: 'described',
      status: 'SUCCEEDED',
      input: '{"n":2}',
      output: '{"big":2}',
    });
    expect(described.stopDate?.getTime()).toBeGreaterThanOrEqual(
      described.startDate?.getTime() ?? Number.NaN,
    );
    const stateMachineArn = machine.deployment.physical('Chain');
    expect(
      await workflow().send(new DescribeStateMachineCommand({ stateMachineArn })),
    ).toMatchObject({ name: 'Small-Chain', status: 'ACTIVE', type: 'STANDARD' });
    await expect(machine.describe(`${executionArn}2`)).rejects.toMatchObject({
      name: 'ExecutionDoesNotExist',
    });
  });

  // https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html
  it('are stopped, with the reason, and stay so', async () => {
    const { executionArn } = await awaiting();
    const stop = () =>
      workflow().send(new StopExecutionCommand({ executionArn, error: 'Enough', cause: 'so' }));
    const { stopDate } = await stop();

    expect(await machine.describe(executionArn)).toMatchObject({
      status: 'ABORTED',
      error: 'Enough',
      cause: 'so',
      stopDate,
    });
    expect((await machine.history(executionArn)).slice(-2)).toEqual([
      'TaskStateAborted',
      'ExecutionAborted',
    ]);
    expect((await stop()).stopDate).toEqual(stopDate);
  });

  it('are listed by machine and status, newest first, page by page', async () => {
    const stateMachineArn = machine.deployment.physical('Until');
    const started: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      started.push(await machine.start('Until', { until: '2099-01-01T00:00:00Z' }));
    }
    const list = (nextToken?: string) =>
      workflow().send(
        new ListExecutionsCommand({
          stateMachineArn,
          statusFilter: 'RUNNING',
          maxResults: 3,
          nextToken,
        }),
      );
    const first = await list();
    const second = await list(first.nextToken);

    const arns = [...(first.executions ?? []), ...(second.executions ?? [])].map(
      ({ executionArn }) => executionArn,
    );
    expect(arns).toEqual(started.toReversed());
    expect(second.nextToken).toBeUndefined();
  });

  // https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html
  it('have a history, forwards and backwards, page by page, without data if asked so', async () => {
    const executionArn = await machine.start('Chain', { n: 2 });
    await machine.ended(executionArn);
    const page = (rest: object) =>
      workflow().send(new GetExecutionHistoryCommand({ executionArn, ...rest }));

    const first = await page({ maxResults: 6 });
    const second = await page({ maxResults: 6, nextToken: first.nextToken });
    const backwards = await page({ reverseOrder: true, maxResults: 1 });
    const bare = await page({ includeExecutionData: false });

    const all = [...(first.events ?? []), ...(second.events ?? [])];
    expect(all.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(all[0]).toMatchObject({
      previousEventId: 0,
      executionStartedEventDetails: { input: '{"n":2}' },
    });
    expect(all[4]).toMatchObject({
      type: 'TaskSucceeded',
      taskSucceededEventDetails: {
        resourceType: 'lambda',
        resource: 'invoke',
        output: '{"ExecutedVersion":"$LATEST","Payload":{"n":2},"StatusCode":200}',
      },
    });
    expect(backwards.events).toMatchObject([{ id: 11, type: 'ExecutionSucceeded' }]);
    expect(JSON.stringify(bare.events)).not.toContain('"n\\');
  });
});

describe('a role', () => {
  const may = (Action: string, Resource: string) => {
    const statements = [{ Effect: 'Allow', Action, Resource }];
    return clients(deployed({ Resources: smallStack(statements) }), machine.emulators.endpoints)
      .workflow;
  };

  it('may do only what it says to the machine, its executions and its tokens', async () => {
    const { executionArn, token } = await awaiting();
    const arn = machine.deployment.physical('Await');
    const other = machine.deployment.physical('Chain');
    const success = new SendTaskSuccessCommand({ taskToken: token, output: '1' });
    const description = new DescribeExecutionCommand({ executionArn });

    await expect(may('states:SendTaskSuccess', other).send(success)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`states:SendTaskSuccess on resource: ${arn}`),
    });
    await expect(may('states:StartExecution', arn).send(description)).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    await may('states:DescribeExecution', executionArn).send(description);
    await may('states:SendTaskSuccess', arn).send(success);
    await may('states:StartExecution', arn).send(
      new StartExecutionCommand({ stateMachineArn: arn, name: 'allowed' }),
    );
  });
});

it("carries the product's own client", async () => {
  const carrier = createSdkHandler({
    functionName: 'Small-Worker',
    roleArn: machine.deployment.attribute('Role', 'Arn'),
    statements: rolePolicies(machine.deployment, 'Role'),
    endpoints: machine.emulators.endpoints,
  });
  Reflect.set(globalThis, Symbol.for('crucibai.aws-request-handler'), carrier);
  process.env['AWS_REGION'] = 'us-east-1';
  const executionArn = await machine.start('Chain', { n: 0 });

  const described = await new SFNClient(clientConfig()).send(
    new DescribeExecutionCommand({ executionArn }),
  );

  expect(described.input).toBe('{"n":0}');
  carrier.destroy();
});
