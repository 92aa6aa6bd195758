import { expect, it, onTestFinished } from 'vitest';
import { type JsonClient, openJsonClient } from '#local/json-client';
import { type States, startStates } from '#local/services/states';
import type { Retention } from '#local/services/states/retention';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import { type ManualClock, manualClock } from './scheduler-stack.ts';
import { PLACE } from './small-stack.ts';
import { definition } from './states-stack.ts';

const stateMachineArn = `arn:aws:states:${PLACE.region}:${PLACE.accountId}:stateMachine:m`;
const executionArn = (name: string) =>
  `${stateMachineArn.replace('stateMachine', 'execution')}:${name}`;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Step Functions with a machine whose executions end at once, or wait for a year. */
async function startAlone(clock: ManualClock, retention?: Retention) {
  const directory = temporaryDirectory();
  const states: States = await startStates({
    dataDir: directory,
    ...PLACE,
    clock,
    ...(retention && { retention }),
  });
  states.run({
    mayAssume: () => true,
    allows: () => true,
    invoke: async () => undefined,
    onStatusChange() {},
    onProblem() {},
  });
  const client = openJsonClient(states.endpoint);
  onTestFinished(async () => {
    client.close();
    await states.close();
  });
  await client.call('AWSStepFunctions.PutStateMachine', {
    name: 'm',
    stateMachineArn,
    roleArn: 'arn:aws:iam::000000000000:role/m',
    definition: definition({
      Route: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input.wait %}', Next: 'Rest' }],
        Default: 'Done',
      },
      Rest: { Type: 'Wait', Seconds: 31_000_000, Next: 'Done' },
      Done: { Type: 'Succeed' },
    }),
  });
  return {
    start: (name: string, input: object = { wait: false }) =>
      client.call('AWSStepFunctions.StartExecution', {
        stateMachineArn,
        name,
        input: JSON.stringify(input),
      }),
    describe: (name: string) => statusOf(client, name),
    async events(name: string) {
      const { events } = await client.call<{ events: unknown[] }>(
        'AWSStepFunctions.GetExecutionHistory',
        { executionArn: executionArn(name) },
      );
      return events.length;
    },
  };
}

function statusOf(client: JsonClient, name: string): Promise<string> {
  return client
    .call<{ status: string }>('AWSStepFunctions.DescribeExecution', {
      executionArn: executionArn(name),
    })
    .then(
      ({ status }) => status,
      (error) => error.code,
    );
}

function after(clock: ManualClock, ms: number): void {
  clock.jumpTo(new Date(clock.now() + ms).toISOString());
}

// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
it('keeps an execution for 90 days after its end, then its name is free again', async () => {
  const clock = manualClock('2026-01-01T00:00:00.000Z');
  const { start, describe } = await startAlone(clock);
  await start('over');
  await start('waits', { wait: true });
  await eventually(async () => expect(await describe('over')).toBe('SUCCEEDED'));

  after(clock, 90 * DAY_MS - 60_000);
  expect(await describe('over')).toBe('SUCCEEDED');
  await expect(start('over')).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
  after(clock, 120_000);

  await eventually(async () => expect(await describe('over')).toBe('ExecutionDoesNotExist'));
  expect(await describe('waits')).toBe('RUNNING');
  await start('over');
});

it('frees a name after 90 days even before it has been forgotten', async () => {
  const clock = manualClock('2026-01-01T00:00:00.000Z');
  const { start, describe } = await startAlone({ ...clock, after: () => () => {} });
  await start('over');
  await eventually(async () => expect(await describe('over')).toBe('SUCCEEDED'));
  clock.jumpTo('2026-04-01T00:00:00.001Z');

  await start('over', { wait: true });

  await eventually(async () => expect(await describe('over')).toBe('RUNNING'));
});

it('forgets the oldest when there are too many, histories first', async () => {
  const clock = manualClock('2026-01-01T00:00:00.000Z');
  const { start, describe, events } = await startAlone(clock, {
    longestMs: 90 * DAY_MS,
    executions: 600,
    histories: 300,
  });
  await start('waits', { wait: true });
  for (let n = 0; n < 1_000; n += 1) {
    await start(`e${n}`);
    if (n % 10 === 9) {
      await eventually(async () => expect(await describe(`e${n}`)).toBe('SUCCEEDED'));
      clock.advanceTo(new Date(clock.now() + 1).toISOString());
    }
  }

  after(clock, 60_000);

  await eventually(async () => {
    expect(await describe('e389')).toBe('ExecutionDoesNotExist');
    expect(await events('e689')).toBe(0);
  });
  expect(await describe('e400')).toBe('SUCCEEDED');
  expect(await events('e700')).toBe(6);
  expect(await describe('waits')).toBe('RUNNING');
});
