import type { JsonClient } from '#local/json-client';
import { refuseOthers } from '#local/provision/properties';
import type { Deployment } from '#local/types';

/** Template properties that are queue attributes. */
const ATTRIBUTES = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'VisibilityTimeout',
];
/** Encryption and access from outside the account have no meaning on one machine. */
const IGNORED = [
  'KmsDataKeyReusePeriodSeconds',
  'KmsMasterKeyId',
  'QueueName',
  'RedriveAllowPolicy',
  'SqsManagedSseEnabled',
  'Tags',
];

/** Make all queues of a template, or set their attributes. */
export async function provisionQueues(sqs: JsonClient, deployment: Deployment): Promise<void> {
  for (const [logicalId, { Properties = {} }] of deployment.resourcesOf('AWS::SQS::Queue')) {
    refuseOthers(logicalId, Properties, [...ATTRIBUTES, ...IGNORED]);
    const properties = deployment.resolve(Properties) as Record<string, unknown>;
    const attributes = ATTRIBUTES.filter((name) => properties[name] !== undefined).map((name) => [
      name,
      text(properties[name]),
    ]);
    await sqs.call('AmazonSQS.CreateQueue', {
      QueueName: deployment.attribute(logicalId, 'QueueName'),
      Attributes: Object.fromEntries(attributes),
    });
  }
}

function text(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
