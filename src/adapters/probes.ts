import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { log } from '#adapters/logger';
import type { HealthProbes } from '#core/health';

/** The cheapest calls that tell whether the table and the run queue work. */
export function probes(on: {
  readonly table: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly queue: SQSClient;
  readonly queueUrl: string;
}): HealthProbes {
  const Key = { pk: 'HEALTH', sk: 'HEALTH' };
  return logged({
    table: () =>
      on.table.send(new GetCommand({ TableName: on.tableName, Key, ConsistentRead: true })),
    run_queue: () =>
      on.queue.send(
        new GetQueueAttributesCommand({
          QueueUrl: on.queueUrl,
          AttributeNames: ['ApproximateNumberOfMessages'],
        }),
      ),
  });
}

/** Callers learn only what does not answer; why is for our own log. */
function logged(found: HealthProbes): HealthProbes {
  const tell = (name: string) => (error: unknown) => {
    log.error('health probe failed', { probe: name, error });
    throw error;
  };
  const entries = Object.entries(found);
  return Object.fromEntries(
    entries.map(([name, probe]) => [name, () => probe().catch(tell(name))]),
  );
}
