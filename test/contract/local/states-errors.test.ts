import { setImmediate } from 'node:timers/promises';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import { type ManualClock, manualClock } from './scheduler-stack.ts';
import {
  definition,
  type StatesMachine,
  startStatesMachine,
  task,
  type Worker,
} from './states-stack.ts';

const START = '2026-11-22T09:00:00.000Z';

let directory: string;
let clock: ManualClock;
let machine: StatesMachine;
/** When the worker was called, in ms since the start. */
let calls: number[];

beforeEach(() => {
  directory = temporaryDirectory();
  clock = manualClock(START);
  calls = [];
});
afterEach(async () => {
  await machine.close();
});

async function startMachine(states: Record<string, object>, worker: Worker = () => fail('Odd')) {
  machine = await startStatesMachine(directory, {
    machines: { Machine: definition(states) },
    clock,
    worker: (payload, isolated) => {
      calls.push(clock.now() - Date.parse(START));
      return worker(payload, isolated);
    },
  });
}

function fail(name: string): never {
  throw Object.assign(new Error(`${name} happened`), { name });
}

/** Lets what has come due happen. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await setImmediate();
}

async function passSeconds(seconds: number): Promise<void> {
  for (let tenth = 0; tenth < seconds * 10; tenth += 1) {
    clock.advanceTo(new Date(clock.now() + 100).toISOString());
    await settle();
  }
}

async function ended(executionArn: string) {
  return eventually(async () => {
    const described = await machine.aws.workflow.send(
      new DescribeExecutionCommand({ executionArn }),
    );
    expect(described.status).not.toBe('RUNNING');
    return described;
  });
}

const done = { Type: 'Succeed' };
const caught = (ErrorEquals: string[], rest: object = {}) => ({
  Catch: [{ ErrorEquals, Next: 'Caught', ...rest }],
});

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error
describe('a retrier', () => {
  it('waits longer each time, up to MaxDelaySeconds, and gives up after MaxAttempts', async () => {
    const retrier = {
      ErrorEquals: ['Odd'],
      IntervalSeconds: 1,
      BackoffRate: 3,
      MaxAttempts: 4,
      MaxDelaySeconds: 5,
    };
    await startMachine({ Run: task({ Retry: [retrier] }) });
    const executionArn = await machine.start('Machine');

    await eventually(() => expect(calls).toHaveLength(1));
    await passSeconds(20);

    expect(calls).toEqual([0, 1_000, 4_000, 9_000, 14_000]);
    expect(await ended(executionArn)).toMatchObject({
      status: 'FAILED',
      error: 'Odd',
      cause: expect.stringContaining('Odd happened'),
    });
    expect(machine.emulators.executions.transitions()).toBe(5);
  });

  it('tries three times after 1, 2 and 4 s where it says nothing', async () => {
    await startMachine({ Run: task({ Retry: [{ ErrorEquals: ['States.ALL'] }] }) });
    const executionArn = await machine.start('Machine');

    await eventually(() => expect(calls).toHaveLength(1));
    await passSeconds(8);

    expect(calls).toEqual([0, 1_000, 3_000, 7_000]);
    expect((await ended(executionArn)).status).toBe('FAILED');
  });

  it('spreads its waits from nothing to all with FULL jitter', async () => {
    const retrier = {
      ErrorEquals: ['Odd'],
      IntervalSeconds: 10,
      BackoffRate: 1,
      MaxAttempts: 40,
      JitterStrategy: 'FULL',
    };
    await startMachine({ Run: task({ Retry: [retrier] }) });
    const executionArn = await machine.start('Machine');

    await eventually(async () => {
      await passSeconds(10);
      expect(calls).toHaveLength(41);
    }, 60);

    const waits = calls.slice(1).map((at, index) => at - (calls[index] ?? 0));
    expect(Math.max(...waits)).toBeLessThanOrEqual(10_100);
    // The chance that 40 waits are all above half, or all below, is one in 10¹².
    expect(Math.min(...waits)).toBeLessThan(5_000);
    expect(Math.max(...waits)).toBeGreaterThan(5_000);
    expect((await ended(executionArn)).status).toBe('FAILED');
  });

  it('counts for itself, and a state that is entered again begins anew', async () => {
    const states = {
      Run: task({
        Arguments: {
          FunctionName: '{% $states.context.Execution.Input.worker %}',
          Payload: { retries: '{% $states.context.State.RetryCount %}' },
        },
        Assign: { entered: '{% $exists($entered) ? $entered + 1 : 1 %}' },
        Retry: [
          { ErrorEquals: ['First'], MaxAttempts: 1, IntervalSeconds: 1, BackoffRate: 1 },
          { ErrorEquals: ['Second'], MaxAttempts: 1, IntervalSeconds: 1, BackoffRate: 1 },
        ],
        End: undefined,
        Next: 'Again',
      }),
      Again: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $entered = 2 %}', Next: 'Done' }],
        Default: 'Run',
      },
      Done: done,
    };
    const errors = ['First', 'Second', '', 'First', 'Second', ''];
    await startMachine(states, () => {
      const error = errors[calls.length - 1];
      return error ? fail(error) : {};
    });
    const worker = 'arn:aws:lambda:us-east-1:000000000000:function:worker:$LATEST';
    const executionArn = await machine.start('Machine', { worker });

    await eventually(() => expect(calls).toHaveLength(1));
    await passSeconds(10);

    expect((await ended(executionArn)).status).toBe('SUCCEEDED');
    expect(machine.invoked.map(({ retries }) => retries)).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it('runs a function apart from others when it failed before', async () => {
    const apart: boolean[] = [];
    await startMachine(
      { Run: task({ Retry: [{ ErrorEquals: ['Odd'], IntervalSeconds: 1 }] }) },
      (_, isolated) => {
        apart.push(isolated);
        return apart.length === 1 ? fail('Odd') : {};
      },
    );
    const executionArn = await machine.start('Machine');
    await eventually(() => expect(calls).toHaveLength(1));
    await passSeconds(2);

    expect((await ended(executionArn)).status).toBe('SUCCEEDED');
    expect(apart).toEqual([false, true]);
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-fallback-states
describe('a catcher', () => {
  it.each([
    { error: 'Odd', names: ['Odd'], isCaught: true },
    { error: 'Odd', names: ['Even'], isCaught: false },
    { error: 'Odd', names: ['States.ALL'], isCaught: true },
    { error: 'Odd', names: ['States.TaskFailed'], isCaught: true },
    { error: 'Lambda.Unknown', names: ['States.TaskFailed'], isCaught: true },
  ])('for $names meets $error: $isCaught', async ({ error, names, isCaught }) => {
    await startMachine({ Run: task(caught(names)), Caught: done }, () => fail(error));
    const executionArn = await machine.start('Machine');

    const { status } = await ended(executionArn);
    expect(status).toBe(isCaught ? 'SUCCEEDED' : 'FAILED');
  });

  it('gets the error, keeps variables and gives its own output', async () => {
    const rest = {
      Assign: { failure: '{% $states.errorOutput.Error %}' },
      Output: { input: '{% $states.input %}', cause: '{% $parse($states.errorOutput.Cause) %}' },
    };
    await startMachine({
      Run: task(caught(['States.ALL'], rest)),
      Caught: {
        Type: 'Pass',
        Output: { got: '{% $states.input %}', failure: '{% $failure %}' },
        End: true,
      },
    });
    const { output = '' } = await ended(await machine.start('Machine', { a: 1 }));

    expect(JSON.parse(output)).toEqual({
      got: { input: { a: 1 }, cause: { errorType: 'Odd', errorMessage: 'Odd happened' } },
      failure: 'Odd',
    });
  });

  it('passes the error on as it is where it says nothing', async () => {
    await startMachine({ Run: task(caught(['States.ALL'])), Caught: done });
    const { output = '' } = await ended(await machine.start('Machine'));
    expect(JSON.parse(output)).toEqual({ Error: 'Odd', Cause: expect.any(String) });
  });

  it('comes after all retries', async () => {
    const Retry = [{ ErrorEquals: ['Odd'], IntervalSeconds: 1, MaxAttempts: 1 }];
    await startMachine({ Run: task({ ...caught(['Odd']), Retry }), Caught: done });
    const executionArn = await machine.start('Machine');
    await eventually(() => expect(calls).toHaveLength(1));
    await passSeconds(2);

    expect((await ended(executionArn)).status).toBe('SUCCEEDED');
    expect(calls).toEqual([0, 1_000]);
  });

  it('never gets States.DataLimitExceeded for States.ALL', async () => {
    const large = 'x'.repeat(262_144);
    await startMachine({ Run: task(caught(['States.ALL'])), Caught: done }, () => large);
    expect(await ended(await machine.start('Machine'))).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
    });
  });

  it('gets what goes wrong in the arguments and in the output', async () => {
    const broken = { Output: '{% $states.result.Payload.nothing %}' };
    await startMachine(
      { Run: task({ ...broken, ...caught(['States.ALL']) }), Caught: done },
      () => ({}),
    );
    const executionArn = await machine.start('Machine');

    const { output = '' } = await ended(executionArn);
    expect(JSON.parse(output)).toEqual({
      Error: 'States.QueryEvaluationError',
      Cause:
        "The JSONata expression '$states.result.Payload.nothing' specified for the field 'Output' returned nothing (undefined).",
    });
    expect(await machine.history(executionArn)).toContain('EvaluationFailed');
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html
describe('a time-out', () => {
  const never: Worker = () => new Promise(() => {});

  it('ends a task that takes too long, and is not a States.TaskFailed', async () => {
    const Catch = [
      { ErrorEquals: ['States.TaskFailed'], Next: 'Wrong' },
      { ErrorEquals: ['States.Timeout'], Next: 'Caught' },
    ];
    await startMachine(
      { Run: task({ TimeoutSeconds: 5, Catch }), Caught: done, Wrong: { Type: 'Fail' } },
      never,
    );
    const executionArn = await machine.start('Machine');
    await eventually(() => expect(calls).toHaveLength(1));

    await passSeconds(4.9);
    expect(await machine.history(executionArn)).not.toContain('TaskTimedOut');
    await passSeconds(0.1);

    const { status, output } = await ended(executionArn);
    expect({ status, output }).toEqual({
      status: 'SUCCEEDED',
      output: '{"Error":"States.Timeout"}',
    });
    expect(await machine.history(executionArn)).toContain('TaskTimedOut');
  });

  it('can be an expression', async () => {
    await startMachine({ Run: task({ TimeoutSeconds: '{% $states.input.limit %}' }) }, never);
    const executionArn = await machine.start('Machine', { limit: 2 });
    await eventually(() => expect(calls).toHaveLength(1));
    await passSeconds(2);
    expect(await ended(executionArn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  });

  it('of the machine ends the execution as TIMED_OUT', async () => {
    machine = await startStatesMachine(directory, {
      machines: {
        Machine: definition(
          { Run: { Type: 'Wait', Seconds: 3_600, End: true } },
          { TimeoutSeconds: 60 },
        ),
      },
      clock,
    });
    const executionArn = await machine.start('Machine');
    await settle();

    clock.advanceTo('2026-11-22T09:01:00.000Z');

    expect(await ended(executionArn)).toMatchObject({
      status: 'TIMED_OUT',
      error: 'States.Timeout',
      stopDate: new Date('2026-11-22T09:01:00.000Z'),
    });
    expect(await machine.history(executionArn)).toEqual([
      'ExecutionStarted',
      'WaitStateEntered',
      'ExecutionTimedOut',
    ]);
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
describe('an invocation', () => {
  it('of a function that does not exist fails as Lambda says', async () => {
    const elsewhere = 'arn:aws:lambda:us-east-1:000000000000:function:worker2';
    machine = await startStatesMachine(directory, {
      machines: {
        Machine: definition({
          Run: task({ Arguments: { FunctionName: elsewhere } }),
        }),
      },
      clock,
    });
    // The role may invoke the worker only.
    expect(await ended(await machine.start('Machine'))).toMatchObject({
      status: 'FAILED',
      error: 'Lambda.AWSLambdaException',
      cause: expect.stringContaining('is not authorized to perform: lambda:InvokeFunction'),
    });
  });

  it('that crashes its environment fails with the runtime’s error', async () => {
    await startMachine({ Run: task() }, () => fail('Runtime.ExitError'));
    expect(await ended(await machine.start('Machine'))).toMatchObject({
      error: 'Runtime.ExitError',
    });
  });
});
