import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dynamoHealth } from '#adapters/dynamo-health';
import { dynamoUsageOutbox } from '#adapters/dynamo-usage-outbox';
import { eventBridgeUsage } from '#adapters/eventbridge-usage';
import { log } from '#adapters/logger';
import { noteFailures } from '#core/alerts/announce';
import { tellUsage } from '#core/limits/usage-events';
import { type AnnounceEnd, tellAll } from '#core/runs/run-ending';

/** Tells of runs that are over: to the sweeper where one failed, and to those who meter where there are some. */
export function announcer(
  table: DynamoDBDocumentClient,
  env: { readonly TABLE_NAME: string; readonly USAGE_BUS: string },
): AnnounceEnd {
  const failures = noteFailures(dynamoHealth(table, env.TABLE_NAME));
  if (env.USAGE_BUS === '') return failures;
  const usage = tellUsage({
    usageEvents: eventBridgeUsage(env.USAGE_BUS),
    outbox: dynamoUsageOutbox(table, env.TABLE_NAME),
    clock: { now: () => Date.now() },
    log,
  });
  return tellAll(failures, usage);
}
