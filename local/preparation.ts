import { loadAssembly } from '#local/assembly';
import { type Distribution, readDistribution } from '#local/distribution/read';
import { type Rule, readRules } from '#local/events/rules';
import { type HttpApi, readHttpApi } from '#local/gateway/routes';
import { deploy } from '#local/intrinsics';
import { type Issuer, openIssuer } from '#local/issuer';
import { functionDefinitions } from '#local/lambda/definitions';
import type { FunctionDefinition } from '#local/lambda/protocol';
import { openLinkKeys } from '#local/link-keys';
import type { MachineOptions } from '#local/machine-options';
import { provision } from '#local/provision';
import { invokedFunctions } from '#local/provision/state-machine';
import { type QueueMapping, queueMappings } from '#local/queues/mappings';
import { timed } from '#local/report';
import { readSchedules, type Schedule } from '#local/schedules';
import { type Emulators, startEmulators } from '#local/services/emulators';
import { startTimeToLive } from '#local/time-to-live';
import { triggeredFunctions } from '#local/triggers';
import type { Assembly, Deployment } from '#local/types';

/** All that a template asks this machine to run. */
export type Plan = {
  readonly functions: readonly FunctionDefinition[];
  readonly api: HttpApi;
  readonly distribution: Distribution | undefined;
  readonly mappings: readonly QueueMapping[];
  readonly schedules: readonly Schedule[];
  readonly rules: readonly Rule[];
  /** Names of the functions that state machines invoke. */
  readonly machineFunctions: readonly string[];
  /** Events that functions get before anything else runs, one after the other. */
  readonly startEvents: readonly { readonly functionName: string; readonly payload: string }[];
};

/** What is known and running before the first function starts. */
export type Prepared = {
  readonly plan: Plan;
  readonly deployment: Deployment;
  readonly emulators: Emulators;
  readonly issuer: Issuer;
};

/** Who and where the machine is. */
type Setting = MachineOptions & {
  readonly url: string;
  readonly publicUrl: string;
  readonly accountId: string;
  readonly region: string;
  readonly logDirectory: string;
};

const OIDC_AUDIENCE = 'crucibai-agents-local';
const MAIL_FROM = 'agents@localhost';

/**
 * Synthesizes the app, starts the emulators meanwhile, and provisions what the template declares.
 *
 * @param started where what was started is put, to be ended by its owner.
 */
export async function prepare(setting: Setting, started: AsyncDisposableStack): Promise<Prepared> {
  const [assembly, { emulators }, issuer] = await Promise.all([
    timed(setting.report, 'template', () => synthesized(setting)),
    timed(setting.report, 'services', () => startServices(setting, started)),
    openIssuer(setting.dataDir, { issuer: `${setting.url}/local`, audience: OIDC_AUDIENCE }),
  ]);
  const deployment = deploy(assembly, {
    accountId: setting.accountId,
    region: setting.region,
    apiEndpoint: setting.url,
    parameters: {
      ...declaredOnly(assembly, {
        PublicUrl: setting.publicUrl,
        SignIn: 'local',
        OidcIssuer: `${setting.url}/local`,
        OidcAudience: OIDC_AUDIENCE,
        OidcJwks: JSON.stringify(issuer.jwks),
        MailFrom: MAIL_FROM,
        UsageEvents: 'on',
        OperatorEmail: 'operators@example.com',
        OperatorSlack: `${setting.url}/local/slack/operators`,
        EgressAllow: [`${setting.url}/local/slack/`, ...(setting.egressAllow ?? [])].join(','),
      }),
      ...setting.parameters,
    },
  });
  await timed(setting.report, 'resources', async () => {
    await provision(deployment, emulators.endpoints);
    return { note: 'tables, queues and buckets' };
  });
  const expiry = startTimeToLive(deployment, emulators.endpoints.dynamodb, setting.report.problem);
  started.defer(() => expiry.stop());
  return {
    plan: readPlan(deployment, {
      endpoints: emulators.endpoints,
      links: openLinkKeys(setting.dataDir, setting.url),
      logDirectory: setting.logDirectory,
      recordCalls: setting.countOperations ?? false,
      faults: setting.faults,
    }),
    deployment,
    emulators,
    issuer,
  };
}

async function synthesized(setting: Setting): Promise<Assembly & { readonly note: string }> {
  const { cdkOut, note } = await setting.synthesize();
  return { ...loadAssembly(cdkOut), note };
}

async function startServices(setting: Setting, started: AsyncDisposableStack) {
  const { dataDir, accountId, region } = setting;
  const emulators = await startEmulators({
    dataDir,
    accountId,
    region,
    mailIdentities: [MAIL_FROM],
  });
  started.defer(() => emulators.close());
  const note = 'DynamoDB, SQS, S3, EventBridge Scheduler, Step Functions, KMS, SES, EventBridge';
  return { emulators, note };
}

function readPlan(deployment: Deployment, place: Parameters<typeof functionDefinitions>[1]): Plan {
  return {
    functions: functionDefinitions(deployment, place),
    api: readHttpApi(deployment),
    distribution: readDistribution(deployment),
    mappings: queueMappings(deployment),
    schedules: readSchedules(deployment),
    rules: readRules(deployment),
    machineFunctions: invokedFunctions(deployment),
    startEvents: [
      ...deployment
        .resourcesOf('AWS::Lambda::Function')
        .map(([id, { Metadata }]) => ({ id, event: Metadata?.['crucibai:invoke-on-start'] }))
        .filter(({ event }) => event !== undefined)
        .map(({ id, event }) => ({
          functionName: deployment.physical(id),
          payload: JSON.stringify(event),
        })),
      ...triggeredFunctions(deployment).map((functionName) => ({ functionName, payload: '{}' })),
    ],
  };
}

/** A template need not know every parameter that this machine could give it. */
function declaredOnly(
  { template }: Assembly,
  values: Record<string, string>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => template.Parameters?.[name] !== undefined),
  );
}
