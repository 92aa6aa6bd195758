import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import * as z from 'zod';
import { queueClient, tableClient } from '#adapters/aws-clients';
import { dynamoRuns } from '#adapters/dynamo-runs';
import { log, logger } from '#adapters/logger';
import { sqsRunQueue } from '#adapters/sqs-run-queue';
import { recoverAll, type SweepDeps, type SweepReport, sweep } from '#core/sweep';
import { SweepEnv } from '#functions/sweep/env';

const env = SweepEnv.parse(process.env);

const deps: SweepDeps = {
  runs: dynamoRuns(tableClient(), env.TABLE_NAME),
  queue: sqsRunQueue(queueClient(), env.QUEUE_URL),
  clock: { now: () => Date.now() },
  log,
};

/** `release_claims` says that no worker can be alive, as at the start of a machine. */
const SweepEvent = z.object({ release_claims: z.boolean().default(false) });

/** Sees to it that no run stays open for ever. */
export const handler = middy()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async (event: unknown): Promise<SweepReport> => {
    const { release_claims } = SweepEvent.parse(event ?? {});
    return release_claims ? recoverAll(deps) : sweep(deps);
  });
