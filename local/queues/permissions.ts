import { judge } from '#local/iam/evaluation';
import type { FunctionDefinition } from '#local/lambda/protocol';
import type { QueueMapping } from '#local/queues/mappings';

/** What Lambda's poller does on a queue, with the function's role. */
const POLLER_ACTIONS = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

/**
 * Why Lambda's poller may not work on a mapping's queue; undefined when it may. On AWS the mapping would be
 * disabled with this reason.
 */
export function pollerDenial(
  { logicalId, queueArn }: QueueMapping,
  { functionName, aws }: FunctionDefinition,
): string | undefined {
  const missing = POLLER_ACTIONS.filter(
    (action) => judge(aws.statements, { action, resource: queueArn }) !== 'allowed',
  );
  if (missing.length === 0) return undefined;
  return `${logicalId}: AccessDenied: the role of ${functionName} may not ${missing.join(', ')} on ${queueArn}`;
}
