import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '#local/clock';
import { openServiceRoles } from '#local/iam/service-roles';
import type { QueueClient } from '#local/queues/client';
import { startDynoxide } from '#local/services/dynoxide';
import { type EventBridge, startEventBridge } from '#local/services/events';
import { startKms } from '#local/services/kms';
import { startS3 } from '#local/services/s3';
import { startScheduler } from '#local/services/scheduler';
import type { World } from '#local/services/scheduler/world';
import { type Ses, startSes } from '#local/services/ses';
import { startSqs } from '#local/services/sqs';
import { refusalOf } from '#local/services/sqs/errors';
import { startStates } from '#local/services/states';
import type { World as StatesWorld } from '#local/services/states/world';
import type { Deployment, Endpoints, Place } from '#local/types';

/** The running services that functions call. */
export type Emulators = {
  readonly endpoints: Endpoints;
  /** A client of the queues that does without HTTP. */
  queueClient(): QueueClient;
  /** Sends a message without a role. @param input of SQS's SendMessage. */
  sendMessage(input: object): Promise<unknown>;
  readonly schedules: {
    /**
     * Begins to run what functions schedule, with the template's roles; before, nothing can be scheduled.
     *
     * @param options.onProblem told what could not be delivered.
     */
    run(deployment: Deployment, options: Pick<World, 'invoke' | 'onProblem'>): void;
    /** Calls to targets since the start. */
    invocations(): number;
    /** Runs nothing more; resolves when what runs has ended. */
    stop(): Promise<void>;
  };
  readonly executions: {
    /**
     * Begins to act on executions of state machines, with the machines' roles of the template; before, they wait.
     *
     * @param options.onProblem told what cannot go on.
     */
    run(deployment: Deployment, options: Omit<StatesWorld, 'allows' | 'mayAssume'>): void;
    /** States entered and retries since the start. */
    transitions(): number;
    /** Starts nothing more. */
    stop(): void;
  };
  /** E-mail that functions have sent. */
  readonly mailbox: Ses['mailbox'];
  /** Events that functions have put on buses. */
  readonly events: EventBridge['kept'];
  /** Has somebody told of e-mail that came back. */
  readonly tellOfMail: Ses['tell'];
  /** Settles only when one ends by itself; the text says which, and how. */
  readonly failed: Promise<string>;
  close(): Promise<void>;
};

/**
 * Start DynamoDB, SQS, S3, EventBridge Scheduler, Step Functions, KMS, SES and EventBridge, each with its state in a directory.
 *
 * @param options.dataDir a directory that this process has claimed.
 * @param options.clock Scheduler's and Step Functions'.
 * @param options.mailIdentities addresses that SES has verified.
 */
export async function startEmulators(
  options: Place & {
    readonly dataDir: string;
    readonly clock?: Clock;
    readonly mailIdentities?: readonly string[];
  },
): Promise<Emulators> {
  const dataDir = join(options.dataDir, 'aws');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const [dynoxide, sqs, s3, scheduler, states, kms, ses, events] = await Promise.all([
    startDynoxide({ dataDir }),
    startSqs({ ...options, dataDir }),
    startS3({ dataDir }),
    startScheduler({ ...options, dataDir }),
    startStates({ ...options, dataDir }),
    startKms(options),
    startSes({ dataDir, region: options.region, identities: options.mailIdentities ?? [] }),
    startEventBridge({ ...options, dataDir }),
  ]);
  return {
    endpoints: {
      dynamodb: dynoxide.endpoint,
      sqs: sqs.endpoint,
      s3: s3.endpoint,
      scheduler: scheduler.endpoint,
      kms: kms.endpoint,
      states: states.endpoint,
      ses: ses.endpoint,
      events: events.endpoint,
    },
    queueClient: sqs.client,
    sendMessage: (input) => sqs.call('SendMessage', input),
    schedules: {
      run: (deployment, reached) =>
        scheduler.run({
          ...openServiceRoles(deployment, 'scheduler.amazonaws.com'),
          ...reached,
          sendMessage: (input) => sqs.call('SendMessage', input).then(() => undefined, refusalOf),
        }),
      invocations: scheduler.invocations,
      stop: scheduler.stop,
    },
    executions: {
      run: (deployment, reached) =>
        states.run({ ...reached, ...openServiceRoles(deployment, 'states.amazonaws.com') }),
      transitions: states.transitions,
      stop: states.stop,
    },
    mailbox: ses.mailbox,
    events: events.kept,
    tellOfMail: ses.tell,
    failed: dynoxide.failed,
    async close() {
      // They call the others.
      await Promise.all([scheduler.close(), states.close()]);
      const others = [dynoxide, sqs, s3, kms, ses, events];
      await Promise.all(others.map((service) => service.close()));
    },
  };
}
