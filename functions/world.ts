import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { aiModels } from '#adapters/ai-models';
import { dynamoConnections } from '#adapters/dynamo-connections';
import { dynamoMemory } from '#adapters/dynamo-memory';
import { dynamoProfiles } from '#adapters/dynamo-profiles';
import { dynamoRecords, dynamoUsers } from '#adapters/dynamo-records';
import { dynamoRunLists } from '#adapters/dynamo-run-lists';
import { dynamoSuppressions } from '#adapters/dynamo-suppressions';
import { isolatedWork } from '#adapters/isolated-work';
import { kmsSecretBox } from '#adapters/kms-secret-box';
import { log } from '#adapters/logger';
import { metrics } from '#adapters/metrics';
import { s3Files } from '#adapters/s3-files';
import { safeHttp } from '#adapters/safe-http/safe-http';
import { sesMailer } from '#adapters/ses-mailer';
import { openConnections } from '#core/connections/open';
import { parseEgressAllow } from '#core/egress/egress';
import { readFigures } from '#core/figures';
import { heedingSuppressions } from '#core/mail/suppressed-mail';
import { meteredModels } from '#core/models/metered-models';
import type { World } from '#core/world';
import type { WorldEnv } from '#functions/world-env';

/** Beside this file, and beside the bundle that holds it: `function-code.ts` puts it there. */
const WORKER = import.meta.url.endsWith('.ts') ? './isolated-worker.ts' : './isolated-worker.mjs';

/** The step's own time-out ends a request; these are beyond the longest one. */
const LIMITS = { headersMs: 660_000, idleMs: 660_000, totalMs: 660_000 };

/** The outside world of actions on AWS, the same for every function that executes steps. */
export function actionWorld(env: WorldEnv, table: DynamoDBDocumentClient): World {
  const http = safeHttp({ policy: parseEgressAllow(env.EGRESS_ALLOW), limits: LIMITS });
  const clock = { now: () => Date.now() };
  const suppressions = dynamoSuppressions(table, env.TABLE_NAME);
  const ownPlaces = [`${env.API_URL}/api/`, `${env.API_URL}/docs/`].join(',');
  const ownHttp = safeHttp({ policy: parseEgressAllow(ownPlaces) });
  return {
    mail: heedingSuppressions(
      sesMailer({ from: env.MAIL_FROM, configurationSet: env.MAIL_SET }),
      suppressions,
    ),
    suppressions,
    http,
    files: s3Files(env.BUCKET_NAME, clock),
    memory: dynamoMemory(table, env.TABLE_NAME, clock),
    clock,
    isolate: isolatedWork(new URL(WORKER, import.meta.url)),
    profiles: dynamoProfiles(table, env.TABLE_NAME, log),
    models: meteredModels(
      aiModels(
        {
          bedrockId: env.MODEL_ID,
          bedrockProfile: env.MODEL_PROFILE,
          url: env.MODEL_URL,
          name: env.MODEL_NAME,
        },
        safeHttp({
          policy: parseEgressAllow(endpointPrefix(env.MODEL_URL)),
          limits: LIMITS,
        }),
      ),
      metrics,
    ),
    connections: openConnections({
      store: dynamoConnections(table, env.TABLE_NAME),
      secrets: kmsSecretBox(env.SECRETS_KEY_ID),
      http,
      clock,
    }),
    records: dynamoRecords(table, env.TABLE_NAME, clock),
    figures: (hours) =>
      readFigures(hours, {
        runs: dynamoRunLists(table, env.TABLE_NAME),
        users: dynamoUsers(table, env.TABLE_NAME),
        clock,
      }),
    own: {
      get: (path, signal) =>
        ownHttp.send({ method: 'GET', url: `${env.API_URL}${path}`, headers: {} }, { signal }),
    },
  };
}

/** The operator chose this endpoint, so it may be private; nothing else becomes reachable by it. */
function endpointPrefix(url: string): string {
  return url === '' ? '' : `${url.replace(/\/+$/, '')}/`;
}
