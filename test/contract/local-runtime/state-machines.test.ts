import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Machine, startMachine } from '#local/machine';
import type { Resource } from '#local/types';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import {
  apiResources,
  functionResources,
  mappingResource,
  roleFor,
  writeAssembly,
} from './assembly-on-disk.ts';
import { send } from './http.ts';

const AWS = `
const aws = globalThis[Symbol.for('crucibai.aws-request-handler')];
const call = async (service, target, input) => {
  const { response } = await aws.handle({
    method: 'POST', protocol: 'https:', hostname: service + '.us-east-1.amazonaws.com', path: '/',
    headers: { 'x-amz-target': target }, body: JSON.stringify(input),
  });
  const text = Buffer.from(response.body).toString();
  if (response.statusCode !== 200) throw new Error(text);
  return JSON.parse(text);
};
const put = (id) => call('dynamodb', 'DynamoDB_20120810.PutItem',
  { TableName: process.env.TABLE, Item: { pk: { S: id }, sk: { S: '-' } } });
`;
const FRONT = `${AWS}
export const handler = async ({ body }) => {
  if (!body) return (await call('dynamodb', 'DynamoDB_20120810.Scan', { TableName: process.env.TABLE }))
    .Items.map((item) => item.pk.S).toSorted();
  return call('states', 'AWSStepFunctions.StartExecution',
    { stateMachineArn: process.env.MACHINE, name: body, input: JSON.stringify({ name: body }) });
};`;
const STEP = `${AWS}
export const handler = async ({ name }) => { await put('step of ' + name); return { name }; };`;
const TOLD = `${AWS}
export const handler = async ({ source, detail }) => put('told: ' + source + ' ' + detail.name + ' ' + detail.status);`;
const POLLED = `${AWS}
export const handler = async ({ Records: [{ body }] }) => put('polled: ' + JSON.parse(body).detail.status);`;

const ENVIRONMENT = {
  Environment: {
    Variables: {
      TABLE: { Ref: 'Table' },
      MACHINE: { 'Fn::Sub': `arn:aws:states:\${AWS::Region}:\${AWS::AccountId}:stateMachine:runs` },
    },
  },
};
const TABLE_ACCESS = {
  Effect: 'Allow',
  Action: ['dynamodb:PutItem', 'dynamodb:Scan'],
  Resource: { 'Fn::GetAtt': ['Table', 'Arn'] },
};
const START = { Effect: 'Allow', Action: 'states:StartExecution', Resource: { Ref: 'Runs' } };
const POLL = {
  Effect: 'Allow',
  Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
  Resource: { 'Fn::GetAtt': ['Queue', 'Arn'] },
};
const INVOKE = {
  Effect: 'Allow',
  Action: 'lambda:InvokeFunction',
  Resource: { 'Fn::GetAtt': ['Step', 'Arn'] },
};

const DEFINITION = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'Run',
  States: {
    Run: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's placeholder.
      Arguments: { FunctionName: '${StepArn}', Payload: '{% $states.input %}' },
      End: true,
    },
  },
});

function rule(targets: readonly object[]): Resource {
  return {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [{ Ref: 'Runs' }], status: ['SUCCEEDED', 'FAILED'] },
      },
      State: 'ENABLED',
      Targets: targets,
    },
  };
}

function resources(invoke: readonly object[] = [INVOKE]): Record<string, Resource> {
  const ruleArn = { 'Fn::GetAtt': ['Rule', 'Arn'] };
  return {
    Table: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
      },
    },
    Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 60 } },
    QueuePolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'Queue' }],
        PolicyDocument: {
          Statement: [
            {
              Effect: 'Allow',
              Action: ['sqs:SendMessage', 'sqs:GetQueueUrl'],
              Principal: { Service: 'events.amazonaws.com' },
              Resource: { 'Fn::GetAtt': ['Queue', 'Arn'] },
              Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
            },
            {
              Effect: 'Deny',
              Action: 'sqs:*',
              Principal: { AWS: '*' },
              Resource: { 'Fn::GetAtt': ['Queue', 'Arn'] },
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            },
          ],
        },
      },
    },
    ...functionResources('Front', [TABLE_ACCESS, START], { Properties: ENVIRONMENT }),
    ...functionResources('Step', [TABLE_ACCESS], { Properties: ENVIRONMENT }),
    ...functionResources('Told', [TABLE_ACCESS], { Properties: ENVIRONMENT }),
    ...functionResources('Polled', [TABLE_ACCESS, POLL], { Properties: ENVIRONMENT }),
    Mapping: mappingResource('Queue', 'Polled'),
    MachineRole: roleFor('states.amazonaws.com', invoke),
    Runs: {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: {
        StateMachineName: 'runs',
        StateMachineType: 'STANDARD',
        DefinitionString: DEFINITION,
        DefinitionSubstitutions: { StepArn: { 'Fn::GetAtt': ['Step', 'Arn'] } },
        RoleArn: { 'Fn::GetAtt': ['MachineRole', 'Arn'] },
        LoggingConfiguration: { Level: 'ERROR' },
        TracingConfiguration: { Enabled: true },
      },
    },
    Rule: rule([
      { Id: 'Told', Arn: { 'Fn::GetAtt': ['Told', 'Arn'] } },
      { Id: 'Queue', Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] } },
    ]),
    ToldPermission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: { 'Fn::GetAtt': ['Told', 'Arn'] },
        Principal: 'events.amazonaws.com',
        SourceArn: ruleArn,
      },
    },
    ...apiResources('ANY /{proxy+}', 'Front'),
  };
}

const machines: Machine[] = [];
const problems = vi.fn();
let dataDir: string;

beforeEach(() => {
  problems.mockClear();
  dataDir = temporaryDirectory();
});
afterEach(() => Promise.all(machines.splice(0).map((machine) => machine.stop())));

async function start(declared: Record<string, Resource>) {
  const bundles = { Front: FRONT, Step: STEP, Told: TOLD, Polled: POLLED };
  const cdkOut = writeAssembly(declared, bundles);
  const machine = await startMachine({
    port: 0,
    dataDir,
    report: { step() {}, problem: problems },
    synthesize: async () => ({ cdkOut, note: '' }),
    countOperations: true,
  });
  machines.push(machine);
  const port = Number(new URL(machine.url).port);
  return {
    machine,
    execute: (name: string) =>
      send(port, {
        method: 'POST',
        path: '/executions',
        headers: { 'content-type': 'text/plain' },
        body: name,
      }),
    async seen() {
      const { text } = await send(port, { method: 'GET', path: '/seen' });
      return JSON.parse(text) as string[];
    },
  };
}

it("runs the template's state machine, and tells its rule's targets how an execution ended", async () => {
  const { machine, execute, seen } = await start(resources());

  expect(await execute('one')).toMatchObject({ status: 200 });

  await eventually(async () =>
    expect(await seen()).toEqual([
      'polled: SUCCEEDED',
      'step of one',
      'told: aws.states one SUCCEEDED',
    ]),
  );
  expect(machine.counters().state_transitions).toBe(1);
  expect(problems).not.toHaveBeenCalled();
});

it('fails an execution whose machine may not invoke the function', async () => {
  const { execute, seen } = await start(resources([]));

  await execute('one');

  await eventually(async () =>
    expect(await seen()).toEqual(['polled: FAILED', 'told: aws.states one FAILED']),
  );
});

it('reports targets that EventBridge may not call, and does not call them', async () => {
  const { QueuePolicy, ToldPermission, ...rest } = resources();
  const { execute, seen } = await start(rest);

  await execute('one');

  await eventually(async () => expect(await seen()).toEqual(['step of one']));
  const said = problems.mock.calls.flat().join('\n');
  expect(said).toContain('Rule: AccessDenied: EventBridge may not call Sample-Told');
  expect(said).toContain('Rule: AccessDenied: EventBridge may not call arn:aws:sqs');
});

it.each([
  {
    what: 'a role that Step Functions may not take on',
    change: { MachineRole: roleFor('lambda.amazonaws.com', [INVOKE]) },
    message: 'Runs: states.amazonaws.com may not assume the role',
  },
  {
    what: 'a definition with a state that does not run here',
    change: {
      Runs: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: {
          DefinitionString: DEFINITION.replace('"Task"', '"Parallel"'),
          RoleArn: { 'Fn::GetAtt': ['MachineRole', 'Arn'] },
        },
      },
    },
    message: '/States/Run/Type: Parallel does not run here',
  },
  {
    what: 'a property that nothing heeds',
    change: {
      Runs: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: { DefinitionString: DEFINITION, EncryptionConfiguration: {} },
      },
    },
    message: 'EncryptionConfiguration is not understood on one machine',
  },
  {
    what: 'a rule with a schedule',
    change: {
      Rule: { Type: 'AWS::Events::Rule', Properties: { ScheduleExpression: 'rate(1 day)' } },
    },
    message: 'Rule: ScheduleExpression is not understood on one machine',
  },
  {
    what: 'a pattern that is not understood',
    change: {
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: { EventPattern: { source: [{ wildcard: 'aws.*' }] } },
      },
    },
    message: 'in an event pattern is not understood here',
  },
])('does not start with $what', async ({ change, message }) => {
  const declared = { ...resources(), ...(change as Record<string, Resource>) };
  await expect(start(declared)).rejects.toThrow(message);
});
