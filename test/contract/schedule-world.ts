import { randomBytes } from 'node:crypto';
import {
  CreateScheduleGroupCommand,
  GetScheduleCommand,
  paginateListSchedules,
  SchedulerClient,
} from '@aws-sdk/client-scheduler';
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { catalog } from '#actions/registry';
import { clientConfig, tableClient } from '#adapters/aws-clients';
import { dynamoAgents } from '#adapters/dynamo-agents';
import { dynamoApprovals } from '#adapters/dynamo-approvals';
import { dynamoConnections } from '#adapters/dynamo-connections';
import { dynamoCredits } from '#adapters/dynamo-credits';
import { dynamoRuns } from '#adapters/dynamo-runs';
import { dynamoSchedules } from '#adapters/dynamo-schedules';
import { queueClient } from '#adapters/queue-client';
import { QueueMessage } from '#adapters/queue-message';
import { schedulerTimetable } from '#adapters/scheduler-timetable';
import { sqsRunQueue } from '#adapters/sqs-run-queue';
import { CreateAgent } from '#core/agents/agent';
import type { AgentDeps } from '#core/agents/agents';
import { parseEgressAllow } from '#core/egress/egress';
import type { Run, RunRef } from '#core/runs/run';
import type { SweepDeps } from '#core/runs/sweep';
import { fireSchedule } from '#core/schedules/fire-schedule';
import { loadAssembly } from '#local/assembly';
import type { Clock } from '#local/clock';
import { deploy } from '#local/intrinsics';
import { provision } from '#local/provision';
import { createSdkHandler } from '#local/sdk-handler';
import { startEmulators } from '#local/services/emulators';
import type { Deployment, SdkRequestHandler } from '#local/types';
import { eventually } from '#test/helpers/eventually';
import { cdkOut } from '#test/helpers/machine';
import { memoryMetrics } from '#test/helpers/memory-ports';
import { PLACE } from './local/small-stack.ts';

/** The adapters of one process of the product, with its own connections. */
export type ProductProcess = AgentDeps & SweepDeps;

/** What happens at one of a process's calls of AWS. */
export type Fault = {
  /** 1 is the first one. */
  readonly call: number;
  /**
   * `refused`: it is not done, and the process hears of it. `dies`: it is done, and the process is
   * gone before the answer comes.
   */
  readonly kind: 'refused' | 'dies';
};

/** A process with a fault. */
export type FaultyProcess = ProductProcess & {
  /** Whether it made as many calls. */
  isStruck(): boolean;
};

/** A schedule as Scheduler has it. */
export type KnownSchedule = {
  readonly name: string;
  readonly expression: string;
  readonly timezone: string;
  /** What it sends, parsed. */
  readonly fire: { readonly agent_id: string; readonly generation: number };
};

/** The deployed template's table, queue and Scheduler on this machine, and processes that use them. */
export type ScheduleWorld = {
  readonly product: ProductProcess;
  faultyProcess(fault: Fault): FaultyProcess;
  /** All schedules of Scheduler, by name. */
  known(): Promise<KnownSchedule[]>;
  /**
   * Takes everything off the queue that Scheduler and the sweeper have put there, as dispatch does;
   * runs end at once. Gives those that the sweeper started.
   */
  dispatchAll(): Promise<string[]>;
  /** All runs of a user, oldest first. */
  runsOf(userId: string): Promise<Run[]>;
  close(): Promise<void>;
};

const CARRIER = Symbol.for('crucibai.aws-request-handler');
const EVERYTHING = { effect: 'Allow', actions: ['*'], resources: ['*'], conditions: [] } as const;

/**
 * Starts the services with the state of a directory.
 *
 * @param clock Scheduler's and the product's
 */
export async function openWorld(dataDir: string, clock: Clock): Promise<ScheduleWorld> {
  const assembly = loadAssembly(await cdkOut());
  const deployment = deploy(assembly, {
    ...PLACE,
    parameters: {},
    apiEndpoint: 'http://localhost:3000',
  });
  const emulators = await startEmulators({ dataDir, ...PLACE, clock });
  await provision(deployment, emulators.endpoints);
  emulators.schedules.run(deployment, {
    onProblem: (message) => {
      throw new Error(message);
    },
    invoke: async () => undefined,
  });
  const handler = createSdkHandler({
    functionName: 'Test',
    roleArn: deployment.attribute(only(deployment, 'AWS::IAM::Role', /^SweepRole/), 'Arn'),
    statements: [EVERYTHING],
    endpoints: emulators.endpoints,
    region: PLACE.region,
  });
  const names = namesIn(deployment);
  const product = newProcess(handler, names, clock);
  const { queue, scheduler } = carriedBy(handler, () => ({
    queue: queueClient(),
    scheduler: new SchedulerClient(clientConfig()),
  }));
  const fires = inbox(queue, names.queueUrl);
  let sent = 0;
  let taken = 0;
  let barriers = 0;

  return {
    product: counting(product, () => {
      sent += 1;
    }),
    faultyProcess(fault) {
      const faulty = faultyHandler(handler, fault);
      return { ...newProcess(faulty, names, clock), isStruck: faulty.isStruck };
    },
    known: () => knownSchedules(scheduler, names.groupName),
    async dispatchAll() {
      // Scheduler answers a change only after what came due before it has been written down and begun.
      barriers += 1;
      const Name = `barrier-${clock.now()}-${barriers}`;
      await scheduler.send(new CreateScheduleGroupCommand({ Name }));
      const swept: string[] = [];
      await eventually(async () => {
        for (const message of await fires()) {
          taken += 1;
          const ref = 'runId' in message ? message : await fireSchedule(message, product);
          if (ref && (await execute(ref, product)) && 'runId' in message) swept.push(ref.runId);
        }
        const all = sent + emulators.schedules.invocations();
        if (taken < all) throw new Error(`${taken} of ${all} messages have arrived`);
      });
      return swept;
    },
    async runsOf(userId) {
      const page = await product.runs.list({ userId }, { limit: 100, after: undefined });
      return page.items.toReversed();
    },
    async close() {
      handler.destroy();
      await emulators.close();
    },
  };
}

/** An agent that runs by itself. */
export function scheduledAgent(
  trigger: object,
  catchUp: 'latest' | 'all' | 'none' = 'latest',
): CreateAgent {
  return CreateAgent.parse({
    name: 'Scheduled',
    trigger_config: { type: 'schedule', ...trigger },
    settings: { catch_up: catchUp },
    actions: [{ type: 'http', config: { url: 'https://example.com/' } }],
  });
}

/** The nominal time of a run, as ISO text to the minute. */
export function nominalOf(run: Run): string {
  const trigger = run.trigger.kind === 'inline' ? JSON.parse(run.trigger.json) : {};
  return String(trigger.scheduled_at).replace(/:00\.000Z$/, 'Z');
}

type Names = {
  readonly table: string;
  readonly queueUrl: string;
  readonly groupName: string;
  readonly roleArn: string;
};

function namesIn(deployment: Deployment): Names {
  const one = (type: string, name: RegExp) => only(deployment, type, name);
  return {
    table: deployment.physical(one('AWS::DynamoDB::GlobalTable', /./)),
    queueUrl: deployment.physical(one('AWS::SQS::Queue', /^RunsQueue/)),
    groupName: deployment.physical(one('AWS::Scheduler::ScheduleGroup', /./)),
    roleArn: deployment.attribute(one('AWS::IAM::Role', /^SchedulesRole/), 'Arn'),
  };
}

function only(deployment: Deployment, type: string, name: RegExp): string {
  const found = deployment.resourcesOf(type).filter(([id]) => name.test(id));
  const [first] = found;
  if (!first || found.length > 1) throw new Error(`${found.length} resources are ${type} ${name}`);
  return first[0];
}

function newProcess(handler: SdkRequestHandler, names: Names, clock: Clock): ProductProcess {
  const noSecrets = async () => {
    throw new Error('A schedule has no secrets.');
  };
  const noWorkflow = async () => {
    throw new Error('A schedule waits for nobody.');
  };
  return carriedBy(handler, () => {
    const table = tableClient();
    return {
      agents: dynamoAgents(table, names.table),
      connections: dynamoConnections(table, names.table),
      schedules: dynamoSchedules(table, names.table),
      runs: dynamoRuns(table, names.table),
      credits: dynamoCredits(table, names.table),
      approvals: dynamoApprovals(table, names.table),
      workflow: { wake: noWorkflow },
      tendHealth: async () => {},
      tendWarning: async () => {},
      tendUsage: async () => {},
      pause: { find: async () => undefined },
      timetable: schedulerTimetable(names),
      queue: sqsRunQueue(queueClient(), names.queueUrl),
      catalog,
      egress: parseEgressAllow(''),
      secrets: { seal: noSecrets, open: noSecrets },
      clock,
      randomBytes,
      log: { info: () => {}, warn: () => {}, error: () => {} },
      metrics: memoryMetrics().metrics,
    };
  });
}

/** Clients take their carrier when they are made. */
function carriedBy<Made>(handler: SdkRequestHandler, make: () => Made): Made {
  const host = globalThis as { [CARRIER]?: SdkRequestHandler };
  // As Lambda sets it for every function.
  process.env['AWS_REGION'] = PLACE.region;
  host[CARRIER] = handler;
  try {
    return make();
  } finally {
    delete host[CARRIER];
  }
}

function counting(product: ProductProcess, onEnqueue: () => void): ProductProcess {
  return {
    ...product,
    queue: {
      async enqueue(ref) {
        await product.queue.enqueue(ref);
        onEnqueue();
      },
    },
  };
}

function faultyHandler(
  handler: SdkRequestHandler,
  { call, kind }: Fault,
): SdkRequestHandler & { isStruck(): boolean } {
  let calls = 0;
  let isDead = false;
  return {
    ...handler,
    async handle(request, options) {
      calls += 1;
      const isMeant = calls === call;
      if (isDead || (isMeant && kind === 'refused')) throw new Error('AWS does not answer.');
      isDead = isMeant;
      const answer = await handler.handle(request, options);
      if (isMeant) throw new Error('The process has died.');
      return answer;
    },
    isStruck: () => calls >= call,
  };
}

/** @returns whether there was something left to do */
async function execute(ref: RunRef, { runs, clock }: ProductProcess): Promise<boolean> {
  const finishedAt = new Date(clock.now()).toISOString();
  const claimed = await runs.claim(ref, 'worker', finishedAt, finishedAt);
  if (claimed.outcome !== 'claimed') return false;
  await runs.finish(claimed.claim, {
    status: 'success',
    finishedAt,
    logTail: [],
    expiresAt: 1e10,
    scattered: false,
    costUsd: 0,
    credits: { charged: 1, refund: 0 },
    records: [],
  });
  return true;
}

async function knownSchedules(client: SchedulerClient, GroupName: string) {
  const known: KnownSchedule[] = [];
  for await (const { Schedules = [] } of paginateListSchedules({ client }, { GroupName })) {
    for (const { Name = '' } of Schedules) {
      const one = await client.send(new GetScheduleCommand({ Name, GroupName }));
      known.push({
        name: Name,
        expression: one.ScheduleExpression ?? '',
        timezone: one.ScheduleExpressionTimezone ?? '',
        fire: JSON.parse(JSON.parse(one.Target?.Input ?? '{}').MessageBody),
      });
    }
  }
  return known.toSorted((a, b) => a.name.localeCompare(b.name));
}

/** Takes what is ready, and deletes it. */
function inbox(client: SQSClient, QueueUrl: string) {
  return async () => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return [];
    const Entries = Messages.map(({ ReceiptHandle }: Message, index: number) => ({
      Id: String(index),
      ReceiptHandle,
    }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    return Messages.map(({ Body = '' }) => QueueMessage.parse(JSON.parse(Body)));
  };
}
