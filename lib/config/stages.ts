import { RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** What may differ between two deployments. Everything else is the same by construction. */
export type StageConfig = {
  readonly stackName: string;
  /** What happens to data (table, bucket, users) when the stack is deleted. */
  readonly dataRemoval: RemovalPolicy;
  /** Refuse to delete the table and the user pool until this is turned off. */
  readonly deletionProtection: boolean;
  readonly logRetention: RetentionDays;
  readonly logLevel: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
  /** Large step inputs and outputs are deleted after this many days. */
  readonly payloadDays: number;
  /** Runs executed at the same time over all users: 2 to 1000. */
  readonly dispatchConcurrency: number;
  /** In MB. A Lambda's share of CPU grows with it. */
  readonly memory: {
    readonly api: number;
    readonly webhook: number;
    readonly dispatch: number;
    readonly sweep: number;
    readonly publish: number;
    readonly 'token-claims': number;
    readonly 'run-steps': number;
    readonly seed: number;
    readonly 'mail-events': number;
  };
  /** Requests the HTTP API lets through before it answers 429. */
  readonly throttle: { readonly perSecond: number; readonly burst: number };
  /** Whether strangers may create their own account. */
  readonly selfSignUp: boolean;
  /** Begins the host name of the sign-in page; the account id follows. */
  readonly signInPrefix: string;
};

// A run may live 360 days and its history is kept for 365 more, counted from its end.
const LONGEST_RUN_AND_HISTORY_DAYS = 725;

const prod: StageConfig = {
  stackName: 'CrucibaiAgents',
  dataRemoval: RemovalPolicy.RETAIN,
  deletionProtection: true,
  logRetention: RetentionDays.THREE_MONTHS,
  logLevel: 'INFO',
  payloadDays: LONGEST_RUN_AND_HISTORY_DAYS,
  dispatchConcurrency: 100,
  memory: {
    api: 256,
    webhook: 256,
    dispatch: 512,
    'run-steps': 512,
    sweep: 256,
    publish: 256,
    'token-claims': 128,
    seed: 256,
    'mail-events': 256,
  },
  throttle: { perSecond: 2000, burst: 4000 },
  selfSignUp: true,
  signInPrefix: 'crucibai',
};

const staging: StageConfig = {
  ...prod,
  stackName: 'CrucibaiAgentsStaging',
  dataRemoval: RemovalPolicy.DESTROY,
  deletionProtection: false,
  logRetention: RetentionDays.TWO_WEEKS,
  logLevel: 'DEBUG',
  payloadDays: 30,
  dispatchConcurrency: 10,
  throttle: { perSecond: 100, burst: 200 },
  selfSignUp: false,
  signInPrefix: 'crucibai-staging',
};

const stages = new Map<unknown, StageConfig>([
  ['prod', prod],
  ['staging', staging],
]);

/**
 * The configuration of one deployment.
 *
 * @param name as given on the command line: `-c stage=staging`; `prod` when nothing was given.
 * @throws Error naming the known stages for any other name.
 */
export function stageConfig(name: unknown = 'prod'): StageConfig {
  const config = stages.get(name);
  if (!config) {
    throw new Error(`Unknown stage '${name}': use one of ${[...stages.keys()].join(', ')}.`);
  }
  return config;
}
