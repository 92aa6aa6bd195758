import { GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '#test/helpers/directories';
import { definition, type StatesMachine, startStatesMachine, task } from './states-stack.ts';

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
  Loop: definition({
    Count: {
      Type: 'Pass',
      Assign: { n: '{% $exists($n) ? $n + 1 : 1 %}' },
      Next: 'Again',
    },
    Again: {
      Type: 'Choice',
      Choices: [{ Condition: '{% $n = $states.context.Execution.Input.rounds %}', Next: 'Done' }],
      Default: 'Count',
    },
    Done: { Type: 'Pass', Output: '{% $n %}', End: true },
  }),
  Broken: definition({
    Say: { Type: 'Fail', Error: "{% 'Odd' & $states.input.n %}", Cause: 'just so' },
  }),
  Unmatched: definition({
    Route: { Type: 'Choice', Choices: [{ Condition: false, Next: 'Done' }] },
    Done: { Type: 'Succeed' },
  }),
  Until: definition({ Wait: { Type: 'Wait', Timestamp: '{% $states.input.until %}', End: true } }),
  Context: definition({ Show: { Type: 'Pass', Output: '{% $states.context %}', End: true } }),
  Eval: definition({ Run: { Type: 'Pass', Output: "{% $eval('1 + 1') %}", End: true } }),
  Functions: definition({
    Run: {
      Type: 'Pass',
      Output: {
        parts: '{% $partition([1, 2, 3, 4, 5], 2) %}',
        range: '{% $range(1, 9, 4) %}',
        hash: "{% $hash('input data', 'SHA-1') %}",
        parsed: '{% $parse(\'{"a":[1]}\').a %}',
        list: '{% [1..3] %}',
      },
      End: true,
    },
  }),
};

beforeAll(async () => {
  machine = await startStatesMachine(directory, { machines });
});
afterAll(async () => {
  await machine.close();
});

describe('states', () => {
  it('invoke, route and succeed, one transition each', async () => {
    const before = machine.emulators.executions.transitions();
    const executionArn = await machine.start('Chain', { n: 2 });

    expect(await machine.ended(executionArn)).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"big":2}',
    });
    expect(machine.emulators.executions.transitions() - before).toBe(3);
    expect(await machine.history(executionArn)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ChoiceStateEntered',
      'ChoiceStateExited',
      'SucceedStateEntered',
      'SucceedStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('take the default, and wait no time when told so', async () => {
    const { output } = await machine.ended(await machine.start('Chain', { n: 1 }));
    expect(output).toBe('{"n":1}');
  });

  it('fail with the error and cause that a Fail state says', async () => {
    expect(await machine.ended(await machine.start('Broken', { n: 1 }))).toMatchObject({
      status: 'FAILED',
      error: 'Odd1',
      cause: 'just so',
    });
  });

  it('fail with States.NoChoiceMatched without a default', async () => {
    expect(await machine.ended(await machine.start('Unmatched'))).toMatchObject({
      status: 'FAILED',
      error: 'States.NoChoiceMatched',
    });
  });

  it('wait until a time, or not at all when it has passed', async () => {
    const until = new Date(Date.now() + 300).toISOString();
    const { stopDate } = await machine.ended(await machine.start('Until', { until }));
    expect(stopDate?.getTime()).toBeGreaterThanOrEqual(Date.parse(until));
    expect(stopDate?.getTime()).toBeLessThan(Date.parse(until) + 1_000);

    const past = await machine.ended(
      await machine.start('Until', { until: '2020-01-01T00:00:00Z' }),
    );
    expect(past.status).toBe('SUCCEEDED');
    const wrong = await machine.ended(await machine.start('Until', { until: 'tomorrow' }));
    expect(wrong).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/bp-history-limit.html
  it('end an execution whose history is full', { timeout: 60_000 }, async () => {
    const inTime = await machine.start('Loop', { rounds: 6_000 });
    const executionArn = await machine.start('Loop', { rounds: 7_000 });

    expect((await machine.ended(inTime)).status).toBe('SUCCEEDED');
    expect(await machine.ended(executionArn)).toMatchObject({
      status: 'FAILED',
      cause: 'The execution reached the maximum number of history events (25000).',
    });
    const { events = [] } = await machine.aws.workflow.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1, reverseOrder: true }),
    );
    expect(events).toMatchObject([{ id: 25_000, type: 'ExecutionFailed' }]);
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
describe('JSONata', () => {
  it('has the functions that Step Functions adds', async () => {
    const { output = '' } = await machine.ended(await machine.start('Functions'));
    expect(JSON.parse(output)).toEqual({
      parts: [[1, 2], [3, 4], [5]],
      range: [1, 5, 9],
      hash: 'aaff4a450a104cd177d28d18d74485e8cae074b7',
      parsed: [1],
      list: [1, 2, 3],
    });
  });

  it('lacks $eval, as there', async () => {
    expect(await machine.ended(await machine.start('Eval'))).toMatchObject({
      status: 'FAILED',
      error: 'States.QueryEvaluationError',
    });
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
  it('sees the context object', async () => {
    const executionArn = await machine.start('Context', { a: 1 }, 'context');
    const { output = '' } = await machine.ended(executionArn);
    expect(JSON.parse(output)).toEqual({
      Execution: {
        Id: executionArn,
        Input: { a: 1 },
        Name: 'context',
        RoleArn: machine.deployment.attribute('MachineRole', 'Arn'),
        StartTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        RedriveCount: 0,
      },
      State: { Name: 'Show', EnteredTime: expect.any(String), RetryCount: 0 },
      StateMachine: { Id: machine.deployment.physical('Context'), Name: 'Small-Context' },
    });
  });
});
