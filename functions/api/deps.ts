import { randomBytes } from 'node:crypto';
import { catalog } from '#actions/registry';
import { tableClient } from '#adapters/aws-clients';
import { dynamoAccount } from '#adapters/dynamo-account';
import { dynamoAgents } from '#adapters/dynamo-agents';
import { dynamoApiKeys } from '#adapters/dynamo-api-keys';
import { dynamoApprovals } from '#adapters/dynamo-approvals';
import { dynamoAudit } from '#adapters/dynamo-audit';
import { dynamoConnections } from '#adapters/dynamo-connections';
import { dynamoCredits } from '#adapters/dynamo-credits';
import { dynamoDeliveries } from '#adapters/dynamo-deliveries';
import { dynamoPause } from '#adapters/dynamo-pause';
import { dynamoProfiles, type ProfileStore } from '#adapters/dynamo-profiles';
import { dynamoRates } from '#adapters/dynamo-rates';
import { dynamoRecords } from '#adapters/dynamo-records';
import { dynamoRuns } from '#adapters/dynamo-runs';
import { dynamoSchedules } from '#adapters/dynamo-schedules';
import { dynamoSlots } from '#adapters/dynamo-slots';
import { dynamoSuppressions } from '#adapters/dynamo-suppressions';
import { dynamoTokenBuckets } from '#adapters/dynamo-token-buckets';
import { kmsSecretBox } from '#adapters/kms-secret-box';
import { log } from '#adapters/logger';
import { metrics } from '#adapters/metrics';
import { payloads } from '#adapters/payloads';
import { probes } from '#adapters/probes';
import { queueClient } from '#adapters/queue-client';
import { schedulerTimetable } from '#adapters/scheduler-timetable';
import { sfnWorkflow } from '#adapters/sfn-workflow';
import { sqsDeadLetters } from '#adapters/sqs-dead-letters';
import { sqsRunQueue } from '#adapters/sqs-run-queue';
import { builtInAgents, findBuiltInAgent } from '#agents/registry';
import type { AgentDeps } from '#core/agents/agents';
import type { BuiltInAgent } from '#core/agents/built-in-agent';
import type { ApiKeyStore } from '#core/api-keys';
import type { ApprovalStore } from '#core/approvals/approval';
import type { AuditStore } from '#core/audit';
import type { ConnectionStore } from '#core/connections/connection';
import { parseEgressAllow } from '#core/egress/egress';
import type { HealthProbes } from '#core/health';
import type { AccountStore } from '#core/limits/account';
import type { Rates, TokenBuckets } from '#core/limits/rates';
import type { SlotStore } from '#core/limits/slots';
import type { UsageDeps } from '#core/limits/usage';
import type { SuppressionStore } from '#core/mail/suppressions';
import type { PauseStore } from '#core/pause';
import type { DeliveryStore } from '#core/runs/deliveries';
import type { OpenRunDeps } from '#core/runs/open-run';
import type { PayloadStore } from '#core/runs/payload-store';
import type { RecordStore } from '#core/runs/records';
import type { DeadLetters } from '#core/runs/redrive';
import type { RunQueue } from '#core/runs/run-queue';
import type { RunStore } from '#core/runs/run-store';
import type { Workflow } from '#core/runs/workflow';
import type { World } from '#core/world';
import type { ApiEnv } from '#functions/api/env';

/** What the operations work with. */
export type ApiDeps = AgentDeps &
  OpenRunDeps &
  UsageDeps & {
    readonly builtInAgents: readonly BuiltInAgent[];
    readonly findBuiltInAgent: (name: string) => BuiltInAgent | undefined;
    readonly runs: RunStore;
    readonly queue: Pick<RunQueue, 'enqueue' | 'call'>;
    readonly rates: Rates;
    readonly slots: SlotStore;
    readonly buckets: TokenBuckets;
    readonly deliveries: DeliveryStore;
    readonly connections: ConnectionStore;
    readonly apiKeys: ApiKeyStore;
    readonly suppressions: SuppressionStore;
    readonly payloads: PayloadStore;
    readonly records: RecordStore;
    readonly deadLetters: DeadLetters;
    readonly account: AccountStore;
    readonly approvals: ApprovalStore;
    readonly workflow: Workflow;
    readonly profiles: ProfileStore;
    readonly audit: AuditStore;
    readonly pause: PauseStore;
    readonly probes: HealthProbes;
    /** What actions that are tried reach; loaded when one is. */
    readonly loadWorld: () => Promise<World>;
    /** From 0 to 1. */
    readonly random: () => number;
    /** Base of webhook links. */
    readonly publicUrl: string;
  };

/** The operations' world on AWS, made from the function's environment. */
export function apiDeps(env: ApiEnv): ApiDeps {
  const table = tableClient();
  const queue = queueClient();
  const egress = parseEgressAllow(env.EGRESS_ALLOW);
  return {
    agents: dynamoAgents(table, env.TABLE_NAME),
    connections: dynamoConnections(table, env.TABLE_NAME),
    apiKeys: dynamoApiKeys(table, env.TABLE_NAME, log),
    suppressions: dynamoSuppressions(table, env.TABLE_NAME),
    runs: dynamoRuns(table, env.TABLE_NAME),
    payloads: payloads(table, env.TABLE_NAME, env.BUCKET_NAME),
    queue: sqsRunQueue(queue, env.QUEUE_URL),
    schedules: dynamoSchedules(table, env.TABLE_NAME),
    timetable: schedulerTimetable({
      groupName: env.SCHEDULE_GROUP,
      queueUrl: env.QUEUE_URL,
      roleArn: env.SCHEDULE_ROLE_ARN,
    }),
    deadLetters: sqsDeadLetters(queue, {
      deadLetters: env.DEAD_LETTER_QUEUE_URL,
      runs: env.QUEUE_URL,
    }),
    secrets: kmsSecretBox(env.SECRETS_KEY_ID),
    deliveries: dynamoDeliveries(table, env.TABLE_NAME, log),
    catalog,
    builtInAgents,
    findBuiltInAgent,
    egress,
    approvals: dynamoApprovals(table, env.TABLE_NAME),
    workflow: sfnWorkflow(env.STATE_MACHINE_ARN),
    profiles: dynamoProfiles(table, env.TABLE_NAME, log),
    records: dynamoRecords(table, env.TABLE_NAME, { now: () => Date.now() }),
    audit: dynamoAudit(table, env.TABLE_NAME),
    pause: dynamoPause(table, env.TABLE_NAME),
    account: dynamoAccount(table, env.TABLE_NAME, env.BUCKET_NAME),
    credits: dynamoCredits(table, env.TABLE_NAME),
    rates: dynamoRates(table, env.TABLE_NAME),
    slots: dynamoSlots(table, env.TABLE_NAME),
    buckets: dynamoTokenBuckets(table, env.TABLE_NAME),
    probes: probes({ table, tableName: env.TABLE_NAME, queue, queueUrl: env.QUEUE_URL }),
    loadWorld: once(async () => {
      const { actionWorld } = await import('#functions/world');
      return actionWorld(env, table);
    }),
    random: Math.random,
    clock: { now: () => Date.now() },
    randomBytes,
    log,
    metrics,
    publicUrl: env.PUBLIC_URL.replace(/\/+$/, ''),
  };
}

/** Makes a thing when it is first wanted, and gives the same one from then on. */
function once<Thing>(make: () => Promise<Thing>): () => Promise<Thing> {
  let made: Promise<Thing> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
