import { randomBytes } from 'node:crypto';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { tableClient } from '#adapters/aws-clients';
import { dynamoAgents } from '#adapters/dynamo-agents';
import { dynamoCredits } from '#adapters/dynamo-credits';
import { dynamoDeliveries } from '#adapters/dynamo-deliveries';
import { dynamoRates } from '#adapters/dynamo-rates';
import { dynamoRuns } from '#adapters/dynamo-runs';
import { ANSWER_IN_TIME, jsonAnswer, problems } from '#adapters/http-answer';
import { kmsSecretBox } from '#adapters/kms-secret-box';
import { log, logger } from '#adapters/logger';
import { metrics } from '#adapters/metrics';
import { payloads } from '#adapters/payloads';
import { queueClient } from '#adapters/queue-client';
import { sqsRunQueue } from '#adapters/sqs-run-queue';
import { acceptDelivery, type Delivery } from '#core/runs/webhook-trigger';
import { WebhookEnv } from '#functions/webhook/env';

const env = WebhookEnv.parse(process.env);
const table = tableClient();

const deps: Parameters<typeof acceptDelivery>[1] = {
  agents: dynamoAgents(table, env.TABLE_NAME),
  runs: dynamoRuns(table, env.TABLE_NAME),
  credits: dynamoCredits(table, env.TABLE_NAME),
  payloads: payloads(table, env.TABLE_NAME, env.BUCKET_NAME),
  queue: sqsRunQueue(queueClient(), env.QUEUE_URL),
  secrets: kmsSecretBox(env.SECRETS_KEY_ID),
  rates: dynamoRates(table, env.TABLE_NAME),
  deliveries: dynamoDeliveries(table, env.TABLE_NAME, log),
  clock: { now: () => Date.now() },
  randomBytes,
  log,
  metrics,
};

/** The public door: 202 once the run is durable, an error that says what to change before that. */
export const handler = middy(ANSWER_IN_TIME)
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(problems())
  .handler(async (event: APIGatewayProxyEventV2) => {
    const accepted = await acceptDelivery(deliveryOf(event), deps);
    if (accepted.outcome === 'challenge') return jsonAnswer(200, accepted.answer);
    return jsonAnswer(202, { run_id: accepted.runId, duplicate: accepted.duplicate });
  });

/** The exact bytes that arrived, however the gateway wrapped them. */
function deliveryOf(event: APIGatewayProxyEventV2): Delivery {
  const headers = Object.entries(event.headers).map(([name, value]) => [
    name.toLowerCase(),
    value ?? '',
  ]);
  const query = Object.entries(event.queryStringParameters ?? {}).map(([name, value]) => [
    name,
    value ?? '',
  ]);
  return {
    agentId: event.pathParameters?.['agent_id'] ?? '',
    headers: Object.fromEntries(headers),
    query: Object.fromEntries(query),
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
  };
}
