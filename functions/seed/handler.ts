import { randomBytes } from 'node:crypto';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { executable } from '#actions/internal/registry';
import { tableClient } from '#adapters/aws-clients';
import { dynamoAgents } from '#adapters/dynamo-agents';
import { dynamoCredits } from '#adapters/dynamo-credits';
import { dynamoSchedules } from '#adapters/dynamo-schedules';
import { log, logger } from '#adapters/logger';
import { parseEgressAllow } from '#core/egress/egress';
import { type SeedDeps, seedSystem } from '#core/seed-system';
import { SeedEnv } from '#functions/seed/env';
import { systemAutomations } from '#templates/internal/automations';

const env = SeedEnv.parse(process.env);
const table = tableClient();

const deps: SeedDeps = {
  agents: dynamoAgents(table, env.TABLE_NAME),
  credits: dynamoCredits(table, env.TABLE_NAME),
  schedules: dynamoSchedules(table, env.TABLE_NAME),
  catalog: executable,
  egress: parseEgressAllow(env.EGRESS_ALLOW),
  clock: { now: () => Date.now() },
  randomBytes,
  log,
};

/** Sees to it that the product's own automations are there, as this deployment has them. */
export const handler = middy()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(() =>
    seedSystem(
      systemAutomations({ email: env.OPERATOR_EMAIL, slackWebhook: env.OPERATOR_SLACK }),
      deps,
    ),
  );
