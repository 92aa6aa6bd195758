import { randomUUID } from 'node:crypto';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { executable } from '#actions/internal/registry';
import { tableClient } from '#adapters/aws-clients';
import { dynamoAgents } from '#adapters/dynamo-agents';
import { dynamoApprovals } from '#adapters/dynamo-approvals';
import { dynamoAudit } from '#adapters/dynamo-audit';
import { dynamoCredits } from '#adapters/dynamo-credits';
import { dynamoPause } from '#adapters/dynamo-pause';
import { dynamoRates } from '#adapters/dynamo-rates';
import { dynamoRuns } from '#adapters/dynamo-runs';
import { dynamoSchedules } from '#adapters/dynamo-schedules';
import { dynamoSlots } from '#adapters/dynamo-slots';
import { log, logger } from '#adapters/logger';
import { metrics } from '#adapters/metrics';
import { payloads } from '#adapters/payloads';
import { QueueMessage } from '#adapters/queue-message';
import { sfnWorkflow } from '#adapters/sfn-workflow';
import { workerRunQueue } from '#adapters/worker-run-queue';
import { holdRun, openBrake } from '#core/pause';
import { type DispatchDeps, dispatchRun } from '#core/runs/dispatch-run';
import { type FireDeps, fireSchedule } from '#core/schedules/fire-schedule';
import { announcer } from '#functions/announcer';
import { DispatchEnv } from '#functions/dispatch/env';
import { actionWorld } from '#functions/world';

const env = DispatchEnv.parse(process.env);
const table = tableClient();

const deps: DispatchDeps & FireDeps = {
  agents: dynamoAgents(table, env.TABLE_NAME),
  runs: dynamoRuns(table, env.TABLE_NAME),
  credits: dynamoCredits(table, env.TABLE_NAME),
  rates: dynamoRates(table, env.TABLE_NAME),
  slots: dynamoSlots(table, env.TABLE_NAME),
  schedules: dynamoSchedules(table, env.TABLE_NAME),
  payloads: payloads(table, env.TABLE_NAME, env.BUCKET_NAME),
  queue: workerRunQueue(env.QUEUE_URL, env.DEAD_LETTER_QUEUE_URL),
  catalog: executable,
  world: actionWorld(env, table),
  clock: { now: () => Date.now() },
  random: Math.random,
  log,
  metrics,
  approvals: dynamoApprovals(table, env.TABLE_NAME),
  audit: dynamoAudit(table, env.TABLE_NAME),
  workflow: sfnWorkflow(env.STATE_MACHINE_ARN),
  enterWorkflow: env.ENTER_STEP_FUNCTIONS,
  beatEveryMs: 20_000,
  // The sweeper wakes what waits longer than a message can.
  pausesFor: ({ until }) => until,
  newOwner: randomUUID,
  announce: announcer(table, env),
};

const brake = openBrake(dynamoPause(table, env.TABLE_NAME), deps.clock);

/** A message names a run, or a schedule whose time has come. */
async function take(body: string, msLeft: () => number): Promise<void> {
  const message = QueueMessage.parse(JSON.parse(body));
  const ref = 'runId' in message ? message : await fireSchedule(message, deps);
  if (ref === undefined) return;
  if (await brake.current()) {
    log.info('run held, dispatch is paused', { runId: ref.runId });
    await holdRun(ref, deps);
    return;
  }
  // A run that is being executed stops before its next step, and its message is held then.
  await brake.watchDuring((isOn) => dispatchRun(ref, deps, () => (isOn() ? 0 : msLeft())));
}

/** Takes runs off the queue and executes them. A failed message comes back; the rest is gone. */
export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const failed: string[] = [];
    for (const record of event.Records) {
      try {
        await take(record.body, () => context.getRemainingTimeInMillis());
      } catch (error) {
        log.error('message failed', { messageId: record.messageId, error });
        failed.push(record.messageId);
      }
    }
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  });
