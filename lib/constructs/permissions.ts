import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** What a function may be given access to. `payloads` means the objects under `runs/`. */
type Target =
  | 'table'
  | 'index:runs_by_agent'
  | 'index:runs_by_user'
  | 'index:due'
  | 'runQueue'
  | 'deadLetters'
  | 'payloads';

/** These actions, and no others, on one target. */
type Permission = { readonly on: Target; readonly actions: readonly string[] };

/**
 * Everything each function may do, in one place. A transaction needs the action of each item in it:
 * there is no `TransactWriteItems` permission.
 */
export const permissions = {
  api: [
    {
      on: 'table',
      actions: [
        'dynamodb:GetItem',
        'dynamodb:BatchGetItem',
        'dynamodb:Query',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:DeleteItem',
      ],
    },
    { on: 'index:runs_by_agent', actions: ['dynamodb:Query'] },
    { on: 'index:runs_by_user', actions: ['dynamodb:Query'] },
    { on: 'runQueue', actions: ['sqs:SendMessage'] },
    { on: 'payloads', actions: ['s3:GetObject', 's3:PutObject'] },
  ],
  webhook: [
    { on: 'table', actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'] },
    { on: 'runQueue', actions: ['sqs:SendMessage'] },
    { on: 'payloads', actions: ['s3:PutObject'] },
  ],
  dispatch: [
    {
      on: 'table',
      actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    },
    { on: 'runQueue', actions: ['sqs:SendMessage'] },
    { on: 'deadLetters', actions: ['sqs:SendMessage'] },
    // For Lambda's own poller, which receives and deletes with the function's role.
    {
      on: 'runQueue',
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
    },
    { on: 'payloads', actions: ['s3:GetObject', 's3:PutObject'] },
  ],
  sweep: [
    { on: 'table', actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'] },
    { on: 'index:due', actions: ['dynamodb:Query'] },
    { on: 'runQueue', actions: ['sqs:SendMessage'] },
  ],
} as const satisfies Record<string, readonly Permission[]>;

/** The functions that exist: each has a folder of this name under `functions/`. */
export type FunctionName = keyof typeof permissions;

/** The ARN behind each target. */
export type TargetArns = Readonly<Record<Target, string>>;

/** The IAM statements that give one function what `permissions` lists for it. */
export function statementsFor(name: FunctionName, arns: TargetArns): PolicyStatement[] {
  return permissions[name].map(
    ({ on, actions }) => new PolicyStatement({ actions: [...actions], resources: [arns[on]] }),
  );
}
