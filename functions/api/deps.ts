import { randomBytes } from 'node:crypto';
import { catalog } from '#actions/registry';
import { queueClient, tableClient } from '#adapters/aws-clients';
import { dynamoAgents } from '#adapters/dynamo-agents';
import { dynamoRuns } from '#adapters/dynamo-runs';
import { log } from '#adapters/logger';
import { payloads } from '#adapters/payloads';
import { sqsRunQueue } from '#adapters/sqs-run-queue';
import type { AgentDeps } from '#core/agents';
import { parseEgressAllow } from '#core/egress';
import type { OpenRunDeps } from '#core/open-run';
import type { PayloadStore, RunStore } from '#core/ports';
import type { ApiEnv } from '#functions/api/env';

/** What the operations work with. */
export type ApiDeps = AgentDeps &
  OpenRunDeps & {
    readonly runs: RunStore;
    readonly payloads: PayloadStore;
    /** Base of webhook links. */
    readonly publicUrl: string;
  };

/** The operations' world on AWS, made from the function's environment. */
export function apiDeps(env: ApiEnv): ApiDeps {
  const table = tableClient();
  return {
    agents: dynamoAgents(table, env.TABLE_NAME),
    runs: dynamoRuns(table, env.TABLE_NAME),
    payloads: payloads(table, env.TABLE_NAME, env.BUCKET_NAME),
    queue: sqsRunQueue(queueClient(), env.QUEUE_URL),
    catalog,
    egress: parseEgressAllow(env.EGRESS_ALLOW),
    clock: { now: () => Date.now() },
    randomBytes,
    log,
    publicUrl: env.PUBLIC_URL.replace(/\/+$/, ''),
  };
}
