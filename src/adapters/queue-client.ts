import { SQSClient } from '@aws-sdk/client-sqs';
import { quickConfig } from '#adapters/aws-clients';

/** The queues' client. */
export function queueClient(): SQSClient {
  return new SQSClient(quickConfig());
}
