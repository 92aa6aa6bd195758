import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { stageConfig } from '#lib/config/stages';
import { PayloadBucket } from '#lib/constructs/payload-bucket';
import {
  functionNames,
  functionsOf,
  type Resource,
  resourcesOf,
  type Statement,
  synthesized,
  theOnly,
} from './synthesized.ts';

const { template, directory } = await synthesized();
const functions = functionsOf(template);

describe('the template', () => {
  it('has the functions we know', () => {
    expect([...functions.keys()].toSorted()).toEqual(functionNames.toSorted());
  });

  it('can be told a few things, all optional', () => {
    expect(Object.keys(template.Parameters).toSorted()).toEqual(
      [
        'CertificateArn',
        'EgressAllow',
        'EnterStepFunctions',
        'MailFrom',
        'ModelId',
        'ModelName',
        'ModelProfile',
        'ModelUrl',
        'OidcAudience',
        'OidcIssuer',
        'OidcJwks',
        'OperatorEmail',
        'OperatorSlack',
        'PublicUrl',
        'SignIn',
        'UsageEvents',
      ].toSorted(),
    );
    const { EnterStepFunctions, UsageEvents, ...others } = template.Parameters;
    expect(EnterStepFunctions).toMatchObject({
      Default: 'always',
      AllowedValues: ['always', 'waits-only'],
    });
    expect(UsageEvents).toMatchObject({ Default: 'off', AllowedValues: ['off', 'on'] });
    for (const { Default } of Object.values(others)) expect(Default).toBe('');
  });

  it('has each parameter explained in the guide', () => {
    const guide = readFileSync('docs/deploy.md', 'utf8');
    for (const name of Object.keys(template.Parameters)) expect(guide).toContain(`\`${name}\``);
  });

  it('tells what was made', () => {
    expect(Object.keys(template.Outputs)).toEqual(
      expect.arrayContaining([
        'ApiUrl',
        'UserPoolId',
        'UserPoolClientId',
        'SignInUrl',
        'TableName',
        'RunQueueUrl',
        'DeadLetterQueueUrl',
        'BucketName',
        'UsageBusName',
      ]),
    );
  });

  it('names no account and no region', () => {
    // Hashes may hold any twelve digits.
    const withoutHashes = JSON.stringify(template).replaceAll(
      /[0-9a-f]{64}|[0-9a-f]{32}|cloudfront-js-2/g,
      '',
    );
    expect(withoutHashes).not.toMatch(/\b\d{12}\b|[a-z]{2}-[a-z]+-\d/);
  });

  it.each([
    ['prod', 'Retain', 0],
    ['staging', 'Delete', 1],
  ])('of the stage %s gives its files the deletion policy %s', (name, policy, emptiers) => {
    const stack = new Stack(new App(), 'Some');
    new PayloadBucket(stack, 'Payloads', stageConfig(name));

    const made = Template.fromStack(stack);

    made.hasResource('AWS::S3::Bucket', { DeletionPolicy: policy });
    made.resourceCountIs('Custom::S3AutoDeleteObjects', emptiers);
  });

  it('refuses a stage that does not exist', () => {
    expect(() => stageConfig('prd')).toThrow(/'prd'.*prod, staging/);
  });
});

describe('e-mail that comes back', () => {
  it('is told to mail-events by EventBridge: bounces and complaints of our own e-mail', () => {
    const destination = theOnly(template, 'AWS::SES::ConfigurationSetEventDestination');
    expect(destination.Properties).toMatchObject({
      ConfigurationSetName: 'CrucibaiAgents-mail',
      EventDestination: {
        Enabled: true,
        MatchingEventTypes: ['bounce', 'complaint'],
        EventBridgeDestination: { EventBusArn: expect.anything() },
      },
    });
    const rules = resourcesOf(template, 'AWS::Events::Rule').map(([, rule]) => rule.Properties);
    expect(rules.filter(({ EventPattern }) => EventPattern.source[0] === 'aws.ses')).toMatchObject([
      {
        EventPattern: {
          'detail-type': ['Email Bounced', 'Email Complaint Received'],
          detail: { mail: { tags: { 'ses:configuration-set': ['CrucibaiAgents-mail'] } } },
        },
        Targets: [{ Arn: { 'Fn::GetAtt': [expect.stringMatching(/^MailEvents/), 'Arn'] } }],
      },
    ]);
  });
});

describe('functions', () => {
  it.each(functionNames)('%s runs on arm64 and a current Node, traced', (name) => {
    expect(functions.get(name)?.Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      TracingConfig: { Mode: 'Active' },
    });
  });

  it('only dispatch may start itself again and again', () => {
    const looping = functionNames.filter(
      (name) => functions.get(name)?.Properties.RecursiveLoop === 'Allow',
    );
    expect(looping).toEqual(['dispatch']);
  });

  it('every log expires, and every function writes one of its own', () => {
    const groups = resourcesOf(template, 'AWS::Logs::LogGroup');
    expect(groups.filter(([, { Properties }]) => !(Properties.RetentionInDays > 0))).toEqual([]);
    const used = [...functions.values()].map((f) => f.Properties.LoggingConfig.LogGroup.Ref);
    expect(new Set(used).size).toBe(functionNames.length);
  });

  it.each(functionNames)('%s loads at most 1 MB before its first event', (name) => {
    const key: string = functions.get(name)?.Properties.Code.S3Key;
    const bundle = join(directory, `asset.${key.replace('.zip', '')}`);
    expect(readdirSync(bundle)).toContain('handler.mjs');
    expect(eagerBytes(bundle, 'handler.mjs')).toBeLessThanOrEqual(1_000_000);
  });
});

/** Bytes of a module and all that it imports statically. */
function eagerBytes(bundle: string, entry: string, seen = new Set<string>()): number {
  if (seen.has(entry)) return 0;
  seen.add(entry);
  const source = readFileSync(join(bundle, entry), 'utf8');
  const imported = [...source.matchAll(/(?:from|import)"\.\/([^"]+\.mjs)"/g)];
  return imported.reduce(
    (sum, [, file = '']) => sum + eagerBytes(bundle, file, seen),
    Buffer.byteLength(source),
  );
}

describe('the table', () => {
  const { Properties, DeletionPolicy } = theOnly(template, 'AWS::DynamoDB::GlobalTable');

  it('survives mistakes: point in time recovery, deletion protection, kept without its stack', () => {
    expect(Properties.Replicas).toHaveLength(1);
    expect(Properties.Replicas[0]).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
    expect(DeletionPolicy).toBe('Retain');
  });

  it('is paid by request and forgets what has expired', () => {
    expect(Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
    });
  });

  it('has the keys that the code uses, in indexes that hold keys only', () => {
    type Keys = { KeySchema: { AttributeName: string; KeyType: string }[] };
    const keys = ({ KeySchema }: Keys) => KeySchema.map((key) => key.AttributeName);
    expect(keys(Properties)).toEqual(['pk', 'sk']);
    const indexes: (Keys & { IndexName: string; Projection: unknown })[] =
      Properties.GlobalSecondaryIndexes;
    expect(Object.fromEntries(indexes.map((index) => [index.IndexName, keys(index)]))).toEqual({
      runs_by_agent: ['agent_key', 'run_id'],
      runs_by_user: ['user_key', 'run_id'],
      due: ['due_shard', 'due_at'],
    });
    for (const { Projection } of indexes)
      expect(Projection).toEqual({ ProjectionType: 'KEYS_ONLY' });
    for (const { AttributeType } of Properties.AttributeDefinitions)
      expect(AttributeType).toBe('S');
  });
});

describe('the run queue', () => {
  const queues = new Map(resourcesOf(template, 'AWS::SQS::Queue'));
  const consumer = theOnly(template, 'AWS::Lambda::EventSourceMapping').Properties;
  const queue = queues.get(consumer.EventSourceArn['Fn::GetAtt'][0])?.Properties;

  it('feeds dispatch one run at a time, up to a limit, and retries only what failed', () => {
    expect(consumer).toMatchObject({
      FunctionName: { Ref: functions.get('dispatch')?.id },
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 100 },
    });
  });

  it('hides a message for at least six times as long as dispatch may run', () => {
    const timeout = functions.get('dispatch')?.Properties.Timeout;
    expect(queue.VisibilityTimeout).toBeGreaterThanOrEqual(6 * timeout);
  });

  it('sets poison aside after five receives, for longer than a message lives in the queue', () => {
    const { deadLetterTargetArn, maxReceiveCount } = queue.RedrivePolicy;
    expect(maxReceiveCount).toBe(5);
    const deadLetters = queues.get(deadLetterTargetArn['Fn::GetAtt'][0])?.Properties;
    expect(deadLetters.MessageRetentionPeriod).toBeGreaterThan(
      queue.MessageRetentionPeriod ?? 4 * 86_400,
    );
  });

  it('is a standard queue, encrypted, and so is its dead letter queue', () => {
    for (const { Properties } of queues.values()) {
      expect(Properties.SqsManagedSseEnabled).toBe(true);
      expect(Properties).not.toHaveProperty('FifoQueue');
    }
  });
});

const deniesPlainHttp = ({ Properties }: Resource) =>
  Properties.PolicyDocument.Statement.some(
    (statement: Statement & { Condition?: unknown }) =>
      statement.Effect === 'Deny' &&
      JSON.stringify(statement.Condition) === '{"Bool":{"aws:SecureTransport":"false"}}',
  );

describe('the payload bucket', () => {
  const { Properties } = theOnly(template, 'AWS::S3::Bucket', 'Payloads');

  it('is never public', () => {
    expect(Properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
  });

  it('keeps payloads for as long as a run and its history may last, and no longer', () => {
    const rules: Record<string, unknown>[] = Properties.LifecycleConfiguration.Rules;
    expect(rules).toContainEqual(
      expect.objectContaining({ Prefix: 'runs/', ExpirationInDays: 725, Status: 'Enabled' }),
    );
    expect(rules.some((rule) => rule['NoncurrentVersionExpiration'])).toBe(true);
    expect(rules.some((rule) => rule['AbortIncompleteMultipartUpload'])).toBe(true);
  });
});

it('bucket and queues refuse requests that are not encrypted on their way', () => {
  const policies = [
    ...resourcesOf(template, 'AWS::SQS::QueuePolicy'),
    ...resourcesOf(template, 'AWS::S3::BucketPolicy'),
  ];
  expect(policies).toHaveLength(4);
  for (const [, policy] of policies) expect(deniesPlainHttp(policy)).toBe(true);
});

describe('the HTTP API', () => {
  const routes = resourcesOf(template, 'AWS::ApiGatewayV2::Route').map(([, route]) => route);

  function targetOf({ Properties }: Resource): string | undefined {
    const integration = Properties.Target['Fn::Join'][1][1].Ref;
    const uri = template.Resources[integration]?.Properties.IntegrationUri['Fn::GetAtt'][0];
    return functionNames.find((name) => functions.get(name)?.id === uri);
  }

  it('leads webhooks to their own function and the rest to the API', () => {
    expect(
      Object.fromEntries(routes.map((route) => [route.Properties.RouteKey, targetOf(route)])),
    ).toEqual({
      'POST /api/agents/webhook/{agent_id}': 'webhook',
      'ANY /api/approvals': 'api',
      'ANY /api/{proxy+}': 'api',
      'GET /docs/api': 'api',
    });
  });

  it('marks webhook ingress and the door of mailed links, and nothing else, as open to the public address', () => {
    const open = routes.filter(({ Metadata }) => Metadata?.['crucibai:public-door'] === true);
    expect(open.map(targetOf)).toEqual(['webhook', 'api']);
  });

  it('is throttled, and its log does not contain queries', () => {
    const { Properties } = theOnly(template, 'AWS::ApiGatewayV2::Stage');
    expect(Properties.DefaultRouteSettings).toEqual({
      ThrottlingBurstLimit: 4000,
      ThrottlingRateLimit: 2000,
    });
    expect(Properties.AccessLogSettings.Format).not.toMatch(/query|\$context\.path/i);
  });

  it('answers within the 30 seconds that API Gateway waits', () => {
    for (const route of routes) {
      expect(functions.get(targetOf(route) ?? '')?.Properties.Timeout).toBeLessThan(30);
    }
  });
});

describe('the sweep', () => {
  it('is started every minute by a role that can do nothing else', () => {
    const { Properties } = theOnly(template, 'AWS::Scheduler::Schedule');
    const arn = { 'Fn::GetAtt': [functions.get('sweep')?.id, 'Arn'] };
    expect(Properties).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      Target: { Arn: arn },
    });
    const role = Properties.Target.RoleArn['Fn::GetAtt'][0];
    const policies = resourcesOf(template, 'AWS::IAM::Policy').filter(
      ([, policy]) => policy.Properties.Roles[0].Ref === role,
    );
    expect(policies.map(([, policy]) => policy.Properties.PolicyDocument.Statement)).toEqual([
      [{ Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: arn }],
    ]);
  });

  it('alone is asked to release claims when one machine starts', () => {
    const asked = functionNames.filter(
      (name) => functions.get(name)?.Metadata?.['crucibai:invoke-on-start'],
    );
    expect(asked).toEqual(['sweep']);
    expect(functions.get('sweep')?.Metadata?.['crucibai:invoke-on-start']).toEqual({
      release_claims: true,
    });
  });
});

describe('users', () => {
  it('sign in with the code flow, without a secret that a browser could not keep', () => {
    expect(theOnly(template, 'AWS::Cognito::UserPoolClient').Properties).toMatchObject({
      GenerateSecret: false,
      AllowedOAuthFlows: ['code'],
      PreventUserExistenceErrors: 'ENABLED',
    });
  });

  it('may be admins', () => {
    expect(theOnly(template, 'AWS::Cognito::UserPool').Properties.LambdaConfig).toMatchObject({
      PreTokenGenerationConfig: { LambdaVersion: 'V2_0' },
    });
    expect(theOnly(template, 'AWS::Cognito::UserPoolGroup').Properties.GroupName).toBe('admin');
  });
});
