import { randomBytes } from 'node:crypto';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import * as z from 'zod';
import { tableClient } from '#adapters/aws-clients';
import { dynamoAgents } from '#adapters/dynamo-agents';
import { dynamoApprovals } from '#adapters/dynamo-approvals';
import { dynamoAudit } from '#adapters/dynamo-audit';
import { dynamoConnections } from '#adapters/dynamo-connections';
import { dynamoCredits } from '#adapters/dynamo-credits';
import { dynamoHealth } from '#adapters/dynamo-health';
import { dynamoPause } from '#adapters/dynamo-pause';
import { dynamoProfiles } from '#adapters/dynamo-profiles';
import { dynamoRates } from '#adapters/dynamo-rates';
import { dynamoRuns } from '#adapters/dynamo-runs';
import { dynamoSchedules } from '#adapters/dynamo-schedules';
import { dynamoSuppressions } from '#adapters/dynamo-suppressions';
import { dynamoUsageOutbox } from '#adapters/dynamo-usage-outbox';
import { dynamoWarnings } from '#adapters/dynamo-warnings';
import { eventBridgeUsage } from '#adapters/eventbridge-usage';
import { kmsSecretBox } from '#adapters/kms-secret-box';
import { log, logger } from '#adapters/logger';
import { metrics } from '#adapters/metrics';
import { queueClient } from '#adapters/queue-client';
import { safeHttp } from '#adapters/safe-http/safe-http';
import { schedulerTimetable } from '#adapters/scheduler-timetable';
import { sesMailer } from '#adapters/ses-mailer';
import { sqsRunQueue } from '#adapters/sqs-run-queue';
import { workflowWaker } from '#adapters/workflow-waker';
import { tendHealth } from '#core/alerts/tend-health';
import { openConnections } from '#core/connections/open';
import { parseEgressAllow } from '#core/egress/egress';
import { tendWarning } from '#core/limits/credit-warnings';
import { tendUsage } from '#core/limits/usage-events';
import { heedingSuppressions } from '#core/mail/suppressed-mail';
import { recoverAll, type SweepDeps, type SweepReport, sweep } from '#core/runs/sweep';
import { notifier } from '#functions/notifier';
import { SweepEnv } from '#functions/sweep/env';

const env = SweepEnv.parse(process.env);

const table = tableClient();

const clock = { now: () => Date.now() };

/** How users are told. */
const telling = {
  mail: heedingSuppressions(
    sesMailer({ from: env.MAIL_FROM, configurationSet: env.MAIL_SET }),
    dynamoSuppressions(table, env.TABLE_NAME),
  ),
  profiles: dynamoProfiles(table, env.TABLE_NAME, log),
  publicUrl: env.PUBLIC_URL.replace(/\/+$/, ''),
};

const sweeping = {
  agents: dynamoAgents(table, env.TABLE_NAME),
  approvals: dynamoApprovals(table, env.TABLE_NAME),
  workflow: workflowWaker(),
  runs: dynamoRuns(table, env.TABLE_NAME),
  credits: dynamoCredits(table, env.TABLE_NAME),
  schedules: dynamoSchedules(table, env.TABLE_NAME),
  timetable: schedulerTimetable({
    groupName: env.SCHEDULE_GROUP,
    queueUrl: env.QUEUE_URL,
    roleArn: env.SCHEDULE_ROLE_ARN,
  }),
  queue: sqsRunQueue(queueClient(), env.QUEUE_URL),
  pause: dynamoPause(table, env.TABLE_NAME),
  audit: dynamoAudit(table, env.TABLE_NAME),
  randomBytes,
  health: dynamoHealth(table, env.TABLE_NAME),
  warnings: dynamoWarnings(table, env.TABLE_NAME),
  outbox: dynamoUsageOutbox(table, env.TABLE_NAME),
  usageEvents: eventBridgeUsage(env.USAGE_BUS),
  ...telling,
  notifier: notifier({
    ...telling,
    usage: { credits: dynamoCredits(table, env.TABLE_NAME), clock },
    rates: dynamoRates(table, env.TABLE_NAME),
    connections: openConnections({
      store: dynamoConnections(table, env.TABLE_NAME),
      secrets: kmsSecretBox(env.SECRETS_KEY_ID),
      http: safeHttp({ policy: parseEgressAllow(env.EGRESS_ALLOW) }),
      clock,
    }),
  }),
  clock,
  log,
  metrics,
};

const deps: SweepDeps = {
  ...sweeping,
  tendHealth: (agent) => tendHealth(agent, sweeping),
  tendWarning: (userId) => tendWarning(userId, sweeping),
  tendUsage: (run) => tendUsage(run, sweeping),
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
