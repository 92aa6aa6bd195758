import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  GetExecutionHistoryCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { expect } from 'vitest';
import type { Clock } from '#local/clock';
import type { InvocationResult } from '#local/lambda/protocol';
import { provision } from '#local/provision';
import { type Emulators, startEmulators } from '#local/services/emulators';
import type { Execution } from '#local/services/states/execution';
import type { Deployment, Resource } from '#local/types';
import { eventually } from '#test/helpers/eventually';
import { trust } from './scheduler-stack.ts';
import { clients, deployed, PLACE, smallStack } from './small-stack.ts';

const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
/** The ARN of the function that the tests' machines invoke. */
export const WORKER = `arn:aws:lambda:${PLACE.region}:${PLACE.accountId}:function:worker`;

/** States by name; the first one begins. */
type States = Readonly<Record<string, object>>;

/** A definition in JSONata. */
export function definition(states: States, rest: object = {}): string {
  const [StartAt] = Object.keys(states);
  return JSON.stringify({ QueryLanguage: 'JSONata', StartAt, States: states, ...rest });
}

/** A Task state that invokes the worker with its input. */
export function task(rest: object = {}): object {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: WORKER, Payload: '{% $states.input %}' },
    Output: '{% $states.result.Payload %}',
    End: true,
    ...rest,
  };
}

/** A Task state that gives the worker its token and waits. */
export function waitingTask(rest: object = {}): object {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Arguments: { FunctionName: WORKER, Payload: { token: '{% $states.context.Task.Token %}' } },
    End: true,
    ...rest,
  };
}

/** The small stack with state machines, by logical id, and their role. */
export function statesStack(
  machines: Readonly<Record<string, string>>,
  options: { may?: readonly object[]; trusted?: object; mayInvoke?: readonly object[] } = {},
): Record<string, Resource> {
  const { may = [everything], trusted = trust('states.amazonaws.com') } = options;
  const { mayInvoke = [{ ...everything, Action: 'lambda:InvokeFunction', Resource: WORKER }] } =
    options;
  return {
    ...smallStack(may),
    MachineRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: { Statement: [trusted] },
        Policies: [{ PolicyName: 'own', PolicyDocument: { Statement: mayInvoke } }],
      },
    },
    ...Object.fromEntries(
      Object.entries(machines).map(([logicalId, DefinitionString]) => [
        logicalId,
        {
          Type: 'AWS::StepFunctions::StateMachine',
          Properties: { DefinitionString, RoleArn: { 'Fn::GetAtt': ['MachineRole', 'Arn'] } },
        },
      ]),
    ),
  };
}

/** What the worker answers; an Error fails the invocation with its name and message. */
export type Worker = (payload: Record<string, unknown>, isolated: boolean) => unknown;

/** Running services with their clients, and a machine's executions. */
export type StatesMachine = {
  readonly deployment: Deployment;
  readonly emulators: Emulators;
  readonly aws: ReturnType<typeof clients>;
  readonly problems: string[];
  /** Executions whose status changed, as it was then. */
  readonly changes: { name: string; status: string }[];
  /** Payloads that the worker got. */
  readonly invoked: Record<string, unknown>[];
  /** Starts an execution of a machine. @returns its ARN. */
  start(logicalId: string, input?: unknown, name?: string): Promise<string>;
  describe(executionArn: string): Promise<DescribeExecutionOutput>;
  /** Waits for the end of an execution, and describes it. */
  ended(executionArn: string): Promise<DescribeExecutionOutput>;
  /** Types of the events in an execution's history. */
  history(executionArn: string): Promise<string[]>;
  close(): Promise<void>;
};

/** Starts the services with state machines, and begins to act. */
export async function startStatesMachine(
  dataDir: string,
  options: {
    machines: Readonly<Record<string, string>>;
    worker?: Worker;
    clock?: Clock;
    resources?: Record<string, Resource>;
  },
): Promise<StatesMachine> {
  const { worker = (payload) => payload, clock, machines } = options;
  const deployment = deployed({ Resources: options.resources ?? statesStack(machines) });
  const emulators = await startEmulators({ dataDir, ...PLACE, ...(clock && { clock }) });
  await provision(deployment, emulators.endpoints);
  const problems: string[] = [];
  const changes: StatesMachine['changes'] = [];
  const invoked: Record<string, unknown>[] = [];
  emulators.executions.run(deployment, {
    onProblem: (message) => problems.push(message),
    onStatusChange: ({ record, outcome }: Execution) =>
      changes.push({ name: record.name, status: outcome?.status ?? 'RUNNING' }),
    async invoke(functionArn, payload, { isolated }) {
      if (functionArn !== WORKER) return undefined;
      const parsed = JSON.parse(payload);
      invoked.push(parsed);
      return answerOf(worker, parsed, isolated);
    },
  });
  const aws = clients(deployment, emulators.endpoints);
  const describe = (executionArn: string) =>
    aws.workflow.send(new DescribeExecutionCommand({ executionArn }));
  return {
    deployment,
    emulators,
    aws,
    problems,
    changes,
    invoked,
    async start(logicalId, input = {}, name) {
      const { executionArn = '' } = await aws.workflow.send(
        new StartExecutionCommand({
          stateMachineArn: deployment.physical(logicalId),
          input: JSON.stringify(input),
          name,
        }),
      );
      return executionArn;
    },
    describe,
    ended: (executionArn) =>
      eventually(async () => {
        const described = await describe(executionArn);
        expect(described.status).not.toBe('RUNNING');
        return described;
      }),
    async history(executionArn) {
      const { events = [] } = await aws.workflow.send(
        new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }),
      );
      return events.map(({ type }) => String(type));
    },
    async close() {
      aws.close();
      await emulators.close();
    },
  };
}

async function answerOf(
  worker: Worker,
  payload: Record<string, unknown>,
  isolated: boolean,
): Promise<InvocationResult> {
  try {
    return {
      status: 'succeeded',
      payload: JSON.stringify((await worker(payload, isolated)) ?? null),
    };
  } catch (error) {
    const { name, message } = error as Error;
    return { status: 'failed', error: { errorType: name, errorMessage: message } };
  }
}
