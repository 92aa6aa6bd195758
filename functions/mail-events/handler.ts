import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { tableClient } from '#adapters/aws-clients';
import { dynamoCredits } from '#adapters/dynamo-credits';
import { dynamoSuppressions } from '#adapters/dynamo-suppressions';
import { log, logger } from '#adapters/logger';
import { type MailEventDeps, takeNoteOfMail } from '#core/mail/mail-events';
import { MailEventsEnv } from '#functions/mail-events/env';

const env = MailEventsEnv.parse(process.env);
const table = tableClient();

const deps: MailEventDeps = {
  suppressions: dynamoSuppressions(table, env.TABLE_NAME),
  accounts: dynamoCredits(table, env.TABLE_NAME),
  log,
};

/** Takes note of e-mail that came back, and of readers who called it spam. */
export const handler = middy()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async (event: unknown) => ({ suppressed: await takeNoteOfMail(event, deps) }));
