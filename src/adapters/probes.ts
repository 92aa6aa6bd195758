import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { HealthProbes } from '#core/health';

/** The cheapest calls that tell whether the table and the run queue work. */
export function probes(on: {
  readonly table: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly queue: SQSClient;
  readonly queueUrl: string;
}): HealthProbes {
  const Key = { pk: 'HEALTH', sk: 'HEALTH' };
  return {
    table: () =>
      on.table.send(new GetCommand({ TableName: on.tableName, Key, ConsistentRead: true })),
    run_queue: () =>
      on.queue.send(
        new GetQueueAttributesCommand({
          QueueUrl: on.queueUrl,
          AttributeNames: ['ApproximateNumberOfMessages'],
        }),
      ),
  };
}
