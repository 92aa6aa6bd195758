import { randomBytes, randomUUID } from 'node:crypto';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { executable } from '#actions/internal/registry';
import { tableClient } from '#adapters/aws-clients';
import { dynamoAgents } from '#adapters/dynamo-agents';
import { dynamoApprovals } from '#adapters/dynamo-approvals';
import { dynamoAudit } from '#adapters/dynamo-audit';
import { dynamoCredits } from '#adapters/dynamo-credits';
import { dynamoPause } from '#adapters/dynamo-pause';
import { dynamoProfiles } from '#adapters/dynamo-profiles';
import { dynamoRates } from '#adapters/dynamo-rates';
import { dynamoRuns } from '#adapters/dynamo-runs';
import { dynamoSlots } from '#adapters/dynamo-slots';
import { log, logger } from '#adapters/logger';
import { metrics } from '#adapters/metrics';
import { payloads } from '#adapters/payloads';
import { workerRunQueue } from '#adapters/worker-run-queue';
import { workflowWaker } from '#adapters/workflow-waker';
import { askAgainAt, openBrake } from '#core/pause';
import type { CarryDirective } from '#core/runs/carry-directive';
import { abandonRun, awaitCall, type CarryDeps, continueRun } from '#core/runs/continue-run';
import { WAKE_GRACE_MS } from '#core/runs/hand-over';
import type { RunRef } from '#core/runs/run';
import { announcer } from '#functions/announcer';
import { RunStepsEnv } from '#functions/run-steps/env';
import { actionWorld } from '#functions/world';

const env = RunStepsEnv.parse(process.env);
const table = tableClient();

const world = actionWorld(env, table);
const deps: CarryDeps = {
  agents: dynamoAgents(table, env.TABLE_NAME),
  runs: dynamoRuns(table, env.TABLE_NAME),
  payloads: payloads(table, env.TABLE_NAME, env.BUCKET_NAME),
  approvals: dynamoApprovals(table, env.TABLE_NAME),
  audit: dynamoAudit(table, env.TABLE_NAME),
  credits: dynamoCredits(table, env.TABLE_NAME),
  profiles: dynamoProfiles(table, env.TABLE_NAME, log),
  rates: dynamoRates(table, env.TABLE_NAME),
  slots: dynamoSlots(table, env.TABLE_NAME),
  queue: workerRunQueue(env.QUEUE_URL, env.DEAD_LETTER_QUEUE_URL),
  workflow: workflowWaker(),
  catalog: executable,
  world,
  mail: world.mail,
  clock: { now: () => Date.now() },
  random: Math.random,
  randomBytes,
  log,
  metrics,
  beatEveryMs: 20_000,
  pausesFor: ({ until }) => until + WAKE_GRACE_MS,
  newOwner: randomUUID,
  announce: announcer(table, env),
  publicUrl: env.PUBLIC_URL.replace(/\/+$/, ''),
};

const ref = { user_id: z.string().min(1), run_id: z.string().min(1) };

/** What an execution was started with: it comes back in the event that tells how it ended. */
const ExecutionInput = z
  .string()
  .transform((text) => JSON.parse(text) as unknown)
  .pipe(z.object(ref));

/** What the state machine asks for, or what EventBridge tells of one that has ended. */
const RunStepsEvent = z.union([
  z.object({ operation: z.enum(['run', 'close']), ...ref }),
  z.object({ operation: z.literal('await'), task_token: z.string().min(1), ...ref }),
  z
    .object({
      source: z.literal('aws.states'),
      detail: z.object({ status: z.string(), input: ExecutionInput }),
    })
    .transform(({ detail }) => ({ operation: 'close' as const, ...detail.input })),
]);

const brake = openBrake(dynamoPause(table, env.TABLE_NAME), deps.clock);

/** A run that is being executed stops before its next step, and the state machine asks again. */
async function continueUnlessPaused(run: RunRef, msLeft: () => number): Promise<CarryDirective> {
  const pause = await brake.current();
  if (pause === undefined) {
    return brake.watchDuring((isOn) => continueRun(run, deps, () => (isOn() ? 0 : msLeft())));
  }
  log.info('run held, dispatch is paused', { runId: run.runId });
  return { next: 'wait', until: new Date(askAgainAt(pause, deps.clock.now())).toISOString() };
}

/** Executes runs of several steps for the state machine that carries them. */
export const handler = middy()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  // Lambda's own line about a failure leaves out what caused it.
  .onError(({ error }) => log.error('run not carried on', { error }))
  .handler(async (event: unknown, context: Context): Promise<unknown> => {
    const asked = RunStepsEvent.parse(event);
    const run = { userId: asked.user_id, runId: asked.run_id };
    switch (asked.operation) {
      case 'run':
        return continueUnlessPaused(run, () => context.getRemainingTimeInMillis());
      case 'await':
        return awaitCall(run, asked.task_token, deps);
      case 'close':
        return abandonRun(run, deps);
    }
  });
