import { functionNameOf } from '#local/gateway/routes';
import type { Deployment } from '#local/types';

/** A queue that feeds a function, as the template declares it. */
export type QueueMapping = {
  readonly logicalId: string;
  readonly functionName: string;
  readonly queueUrl: string;
  readonly queueArn: string;
  /** 1 to 10. */
  readonly batchSize: number;
  /** Never more invocations than this at once. */
  readonly maximumConcurrency: number;
  readonly reportsBatchItemFailures: boolean;
};

type MappingProperties = {
  readonly FunctionName: string;
  readonly EventSourceArn?: string;
  readonly Enabled?: boolean;
  readonly BatchSize?: number;
  readonly ScalingConfig?: { readonly MaximumConcurrency?: number };
  readonly FunctionResponseTypes?: readonly string[];
  readonly FilterCriteria?: unknown;
};

const MAX_BATCH = 10;
/** On AWS a mapping without a MaximumConcurrency may use the account's whole concurrency: too much for one machine. */
const DEFAULT_CONCURRENCY = 64;

/**
 * The enabled mappings from queues to functions.
 *
 * @throws Error naming the mapping when it needs what the poller here does not do.
 */
export function queueMappings(deployment: Deployment): QueueMapping[] {
  const queueUrls = new Map(
    deployment
      .resourcesOf('AWS::SQS::Queue')
      .map(([id]) => [deployment.attribute(id, 'Arn'), deployment.physical(id)] as const),
  );
  return deployment
    .resourcesOf('AWS::Lambda::EventSourceMapping')
    .map(([logicalId, { Properties = {} }]) => {
      const properties = deployment.resolve(Properties) as MappingProperties;
      return { logicalId, properties, queueUrl: queueUrls.get(properties.EventSourceArn ?? '') };
    })
    .filter(({ properties }) => properties.Enabled !== false)
    .map(({ logicalId, properties, queueUrl }) => {
      if (!queueUrl) {
        throw new Error(`${logicalId}: only queues of the same template feed functions here.`);
      }
      if (properties.FilterCriteria !== undefined) {
        throw new Error(`${logicalId}: filters of event sources are not run on one machine.`);
      }
      return {
        logicalId,
        functionName: functionNameOf(properties.FunctionName) ?? properties.FunctionName,
        queueUrl,
        queueArn: properties.EventSourceArn ?? '',
        batchSize: Math.min(properties.BatchSize ?? MAX_BATCH, MAX_BATCH),
        maximumConcurrency: properties.ScalingConfig?.MaximumConcurrency ?? DEFAULT_CONCURRENCY,
        reportsBatchItemFailures:
          properties.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
      };
    });
}
