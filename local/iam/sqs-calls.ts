import type { Call, Place } from '#local/types';

/** What an SQS operation needs to be allowed; a batch needs what its single form needs. */
export function sqsCalls(operation: string, input: Record<string, unknown>, place: Place): Call[] {
  const action = `sqs:${operation.replace(/Batch$/, '')}`;
  return [{ service: 'sqs', action, resource: queueArn(input, place) }];
}

function queueArn(input: Record<string, unknown>, { region, accountId }: Place): string {
  const { QueueUrl, QueueName, SourceArn } = input;
  if (typeof SourceArn === 'string') return SourceArn;
  const name = typeof QueueUrl === 'string' ? QueueUrl.split('/').at(-1) : QueueName;
  return name === undefined ? '*' : `arn:aws:sqs:${region}:${accountId}:${name}`;
}
