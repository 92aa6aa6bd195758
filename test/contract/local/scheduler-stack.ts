import type { CreateScheduleCommandInput } from '@aws-sdk/client-scheduler';
import { DeleteMessageBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Clock } from '#local/clock';
import { provision } from '#local/provision';
import { type Emulators, startEmulators } from '#local/services/emulators';
import type { Deployment, Resource } from '#local/types';
import { clients, deployed, PLACE, smallStack } from './small-stack.ts';

/** Time that passes only when a test says so. */
export type ManualClock = Clock & {
  /** Wakes whoever waits for a time up to this one, each at its time. */
  advanceTo(time: string): void;
  /** Wakes nobody on the way, as after the machine's sleep. */
  jumpTo(time: string): void;
};

/** @param start as ISO text. */
export function manualClock(start: string): ManualClock {
  let now = Date.parse(start);
  const waiting = new Map<() => void, number>();
  const advanceTo = (time: string) => {
    const end = Date.parse(time);
    for (;;) {
      const [first] = [...waiting].toSorted(([, a], [, b]) => a - b);
      if (!first || first[1] > end) break;
      waiting.delete(first[0]);
      now = Math.max(now, first[1]);
      first[0]();
    }
    now = end;
  };
  return {
    now: () => now,
    after(milliseconds, callback) {
      const wake = () => callback();
      waiting.set(wake, now + milliseconds);
      return () => waiting.delete(wake);
    },
    advanceTo,
    jumpTo(time) {
      now = Date.parse(time);
      advanceTo(time);
    },
  };
}

const everything = { Effect: 'Allow', Action: '*', Resource: '*' };

/** The statement of a role's trust that lets Scheduler take it on. */
export function trust(service: string, condition?: object) {
  return {
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { Service: service },
    ...(condition && { Condition: condition }),
  };
}

/** The small stack with a group and a role for schedules. */
export function scheduledStack(
  options: { may?: readonly object[]; mayTarget?: readonly object[]; trusted?: object } = {},
): Record<string, Resource> {
  const { may = [everything], trusted = trust('scheduler.amazonaws.com') } = options;
  const { mayTarget = [{ ...everything, Action: 'sqs:SendMessage' }] } = options;
  return {
    ...smallStack(may),
    Group: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Name: 'agents' } },
    Caller: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: { Statement: [trusted] },
        Policies: [{ PolicyName: 'own', PolicyDocument: { Statement: mayTarget } }],
      },
    },
  };
}

/** A running machine's services with their clients. */
export type Machine = {
  readonly deployment: Deployment;
  readonly emulators: Emulators;
  readonly aws: ReturnType<typeof clients>;
  /** What was reported. */
  readonly problems: string[];
  /** Invocations of functions. */
  readonly invoked: string[][];
  close(): Promise<void>;
};

/** Starts the services and runs schedules. */
export async function startMachine(
  dataDir: string,
  options: { clock?: Clock; resources?: Record<string, Resource> } = {},
): Promise<Machine> {
  const deployment = deployed({ Resources: options.resources ?? scheduledStack() });
  const { clock } = options;
  const emulators = await startEmulators({ dataDir, ...PLACE, ...(clock && { clock }) });
  await provision(deployment, emulators.endpoints);
  const problems: string[] = [];
  const invoked: string[][] = [];
  emulators.schedules.run(deployment, {
    onProblem: (message) => problems.push(message),
    async invoke(functionArn, payload) {
      invoked.push([functionArn, payload]);
      return undefined;
    },
  });
  const aws = clients(deployment, emulators.endpoints);
  return {
    deployment,
    emulators,
    aws,
    problems,
    invoked,
    async close() {
      aws.close();
      await emulators.close();
    },
  };
}

/** A request to schedule a message to the stack's work queue. */
export function messageSchedule(
  { deployment }: Pick<Machine, 'deployment'>,
  Name: string,
  changes: Partial<CreateScheduleCommandInput> = {},
): CreateScheduleCommandInput {
  return {
    Name,
    GroupName: 'agents',
    ScheduleExpression: 'cron(0 9 * * ? *)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: {
      Arn: 'arn:aws:scheduler:::aws-sdk:sqs:sendMessage',
      RoleArn: deployment.attribute('Caller', 'Arn'),
      Input: JSON.stringify({
        QueueUrl: deployment.physical('Work'),
        MessageBody: JSON.stringify({ name: Name, at: '<aws.scheduler.scheduled-time>' }),
        MessageGroupId: 'user-1',
      }),
    },
    ...changes,
  };
}

/** Takes all ready messages out of a queue. */
export async function received(
  { deployment, aws }: Pick<Machine, 'deployment' | 'aws'>,
  queue = 'Work',
): Promise<{ body: string; group: string | undefined }[]> {
  const messages = [];
  const QueueUrl = deployment.physical(queue);
  for (;;) {
    const { Messages = [] } = await aws.queue.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) return messages;
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle,
    }));
    await aws.queue.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    for (const { Body = '', Attributes } of Messages) {
      messages.push({ body: Body, group: Attributes?.MessageGroupId });
    }
  }
}
