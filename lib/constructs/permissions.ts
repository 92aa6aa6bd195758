import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** What a function may be given access to. `payloads` means the objects under `runs/`, `exports` those under `exports/`, `site` all of the web site's. */
type Target =
  | 'table'
  | 'index:runs_by_agent'
  | 'index:runs_by_user'
  | 'index:due'
  | 'runQueue'
  | 'deadLetters'
  | 'schedules'
  | 'scheduleRole'
  | 'secretsKey'
  | 'payloads'
  | 'exports'
  | 'mailIdentities'
  | 'mailSet'
  | 'models'
  | 'modelProfiles'
  | 'site'
  | 'stateMachine'
  | 'executions'
  | 'usageBus';

/** These actions, and no others, on one target. */
type Permission = {
  readonly on: Target;
  readonly actions: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

/** Stands for the address that e-mail is sent from, which only a deployment knows. */
const MAIL_FROM = '<MailFrom>';

/** To create schedules is to say with which role they send: this role, and to Scheduler only. */
const keepSchedules = [
  { on: 'schedules', actions: ['scheduler:CreateSchedule', 'scheduler:DeleteSchedule'] },
  {
    on: 'scheduleRole',
    actions: ['iam:PassRole'],
    conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
  },
] as const;

const asOneAddress = { StringEquals: { 'ses:FromAddress': MAIL_FROM } };

/** To send e-mail is to send it as one address, by the configuration set that bounces come back by. */
const sendMail = [
  { on: 'mailIdentities', actions: ['ses:SendEmail'], conditions: asOneAddress },
  { on: 'mailSet', actions: ['ses:SendEmail'], conditions: asOneAddress },
] as const;

/** The deployment's own model: to ask it through a profile, both must be allowed. */
const askModel = [
  { on: 'models', actions: ['bedrock:InvokeModel'] },
  { on: 'modelProfiles', actions: ['bedrock:InvokeModel'] },
] as const;

/** What runs used is told when they end, by whoever ends them. */
const tellUsage = { on: 'usageBus', actions: ['events:PutEvents'] } as const;

/** Files that steps make; a link may do what the function that signs it may do. */
const keepFiles = { on: 'exports', actions: ['s3:PutObject', 's3:GetObject'] } as const;

/** What a secret was sealed for is part of its ciphertext: see `SecretContext`. */
function onlySecretsOf(owner: 'agent_id' | 'connection_id') {
  return { 'ForAnyValue:StringEquals': { 'kms:EncryptionContextKeys': owner } };
}

/** Functions that execute steps read the secrets of connections, and no others. */
const openConnections = {
  on: 'secretsKey',
  actions: ['kms:Decrypt'],
  conditions: onlySecretsOf('connection_id'),
} as const;

/**
 * Everything each function may do, in one place. A transaction needs the action of each item in it:
 * there is no `TransactWriteItems` permission.
 */
export const permissions = {
  api: [
    ...keepSchedules,
    { on: 'secretsKey', actions: ['kms:Encrypt'] },
    openConnections,
    {
      on: 'table',
      actions: [
        'dynamodb:GetItem',
        'dynamodb:BatchGetItem',
        'dynamodb:Query',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:DeleteItem',
        // Removing an account.
        'dynamodb:BatchWriteItem',
      ],
    },
    { on: 'index:runs_by_agent', actions: ['dynamodb:Query'] },
    { on: 'index:runs_by_user', actions: ['dynamodb:Query'] },
    { on: 'runQueue', actions: ['sqs:SendMessage', 'sqs:GetQueueAttributes'] },
    // An operator works off what was given up.
    { on: 'deadLetters', actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage'] },
    // A decision lets its run go on; a run that is cancelled is not carried on.
    { on: 'stateMachine', actions: ['states:SendTaskSuccess'] },
    { on: 'executions', actions: ['states:StopExecution'] },
    { on: 'payloads', actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'] },
    // Trying a step.
    ...sendMail,
    keepFiles,
    ...askModel,
  ],
  webhook: [
    { on: 'secretsKey', actions: ['kms:Decrypt'], conditions: onlySecretsOf('agent_id') },
    { on: 'table', actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'] },
    { on: 'runQueue', actions: ['sqs:SendMessage'] },
    { on: 'payloads', actions: ['s3:PutObject'] },
  ],
  dispatch: [
    openConnections,
    {
      on: 'table',
      actions: [
        'dynamodb:GetItem',
        // Runs that a worker takes up at the same moment.
        'dynamodb:BatchGetItem',
        'dynamodb:Query',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        // A run that waited for a slot leaves the line.
        'dynamodb:DeleteItem',
      ],
    },
    { on: 'runQueue', actions: ['sqs:SendMessage'] },
    { on: 'deadLetters', actions: ['sqs:SendMessage'] },
    // The second for a run that waited for a slot.
    { on: 'stateMachine', actions: ['states:StartExecution', 'states:SendTaskSuccess'] },
    // Whether a run that is to be handed over is carried already.
    { on: 'executions', actions: ['states:DescribeExecution'] },
    // For Lambda's own poller, which receives and deletes with the function's role.
    {
      on: 'runQueue',
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
    },
    { on: 'payloads', actions: ['s3:GetObject', 's3:PutObject'] },
    ...sendMail,
    keepFiles,
    ...askModel,
    tellUsage,
  ],
  'run-steps': [
    openConnections,
    {
      on: 'table',
      actions: [
        'dynamodb:GetItem',
        // The product's own automations count runs.
        'dynamodb:BatchGetItem',
        'dynamodb:Query',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        // A run that waited for a slot leaves the line.
        'dynamodb:DeleteItem',
      ],
    },
    { on: 'index:runs_by_user', actions: ['dynamodb:Query'] },
    // A run that waited for a slot.
    { on: 'runQueue', actions: ['sqs:SendMessage'] },
    { on: 'deadLetters', actions: ['sqs:SendMessage'] },
    { on: 'payloads', actions: ['s3:GetObject', 's3:PutObject'] },
    // A run that waited for a slot; an approval that was decided before it was opened.
    { on: 'stateMachine', actions: ['states:SendTaskSuccess'] },
    ...sendMail,
    keepFiles,
    ...askModel,
    tellUsage,
  ],
  sweep: [
    ...keepSchedules,
    {
      on: 'table',
      actions: [
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        // The runs of a failing agent.
        'dynamodb:BatchGetItem',
        // An agent that is switched off, and has no webhook.
        'dynamodb:DeleteItem',
      ],
    },
    { on: 'index:due', actions: ['dynamodb:Query'] },
    // Telling the owners of agents that fail.
    { on: 'index:runs_by_agent', actions: ['dynamodb:Query'] },
    openConnections,
    ...sendMail,
    { on: 'runQueue', actions: ['sqs:SendMessage'] },
    // What was not taken when its run ended.
    tellUsage,
    // A decision that the workflow was not told of, and a time-out.
    { on: 'stateMachine', actions: ['states:SendTaskSuccess'] },
  ],
  seed: [{ on: 'table', actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'] }],
  'mail-events': [{ on: 'table', actions: ['dynamodb:GetItem', 'dynamodb:PutItem'] }],
  publish: [{ on: 'site', actions: ['s3:PutObject'] }],
  'token-claims': [],
} as const satisfies Record<string, readonly Permission[]>;

/** The functions that exist: each has a folder of this name under `functions/`. */
export type FunctionName = keyof typeof permissions;

/** The ARN behind each target. */
export type TargetArns = Readonly<Record<Target, string>>;

/**
 * The IAM statements that give one function what `permissions` lists for it.
 *
 * @param deployment what only a deployment knows.
 */
export function statementsFor(
  name: FunctionName,
  arns: TargetArns,
  deployment: { readonly mailFrom: string },
): PolicyStatement[] {
  const granted: readonly Permission[] = permissions[name];
  return granted.map(
    ({ on, actions, conditions }) =>
      new PolicyStatement({
        actions: [...actions],
        resources: [arns[on]],
        ...(conditions && { conditions: filledIn(conditions, deployment.mailFrom) }),
      }),
  );
}

function filledIn(conditions: NonNullable<Permission['conditions']>, mailFrom: string) {
  const fill = (value: string) => (value === MAIL_FROM ? mailFrom : value);
  return Object.fromEntries(
    Object.entries(conditions).map(([operator, keys]) => [
      operator,
      Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, fill(value)])),
    ]),
  );
}
