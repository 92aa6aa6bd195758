import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { StageConfig } from '../config/stages.ts';

/** Longest time one invocation may work on a run; it goes on in another one. */
export const DISPATCH_TIMEOUT = Duration.minutes(15);

/**
 * Runs that wait to be executed. A message is only a hint that a run is ready: losing one, or seeing it
 * twice, changes nothing but time.
 */
export class RunQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // AWS asks for six times the consumer's time-out. A crashed run does not wait for it: the sweep
      // finds the dead claim and sends a new message.
      visibilityTimeout: Duration.seconds(6 * DISPATCH_TIMEOUT.toSeconds()),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 5 },
    });
  }

  /** Let a function consume the queue, one run at a time. Its role must already allow that. */
  consumeWith(consumer: IFunction, stage: StageConfig): void {
    new EventSourceMapping(this, 'Consumer', {
      target: consumer,
      eventSourceArn: this.queue.queueArn,
      batchSize: 1,
      reportBatchItemFailures: true,
      maxConcurrency: stage.dispatchConcurrency,
    });
  }
}
