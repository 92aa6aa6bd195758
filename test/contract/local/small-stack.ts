import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { rolePolicies } from '#local/iam/role-policies';
import { type DeployOptions, deploy } from '#local/intrinsics';
import { createSdkHandler } from '#local/sdk-handler';
import type { Deployment, Endpoints, RecordedCall, Resource, Template } from '#local/types';

export const PLACE = { accountId: '000000000000', region: 'us-east-1' };

/** A template deployed without files. */
export function deployed(template: Template, options: Partial<DeployOptions> = {}): Deployment {
  const assembly = { stackName: 'Small', template, assetPath: (key: string) => `/assets/${key}` };
  return deploy(assembly, {
    ...PLACE,
    parameters: {},
    apiEndpoint: 'http://localhost:3000',
    ...options,
  });
}

/** A table, two queues, a bucket, and a role that may use them through the given statements. */
export function smallStack(statements: readonly object[] = []): Record<string, Resource> {
  return {
    Things: {
      Type: 'AWS::DynamoDB::GlobalTable',
      Properties: {
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
          { AttributeName: 'owner', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
        GlobalSecondaryIndexes: [
          {
            IndexName: 'by_owner',
            KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        ],
        TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
        Replicas: [{ Region: { Ref: 'AWS::Region' } }],
      },
    },
    Dead: { Type: 'AWS::SQS::Queue', Properties: { MessageRetentionPeriod: 1_209_600 } },
    Work: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        VisibilityTimeout: 60,
        RedrivePolicy: {
          deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] },
          maxReceiveCount: 2,
        },
      },
    },
    Files: { Type: 'AWS::S3::Bucket', Properties: {} },
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: {
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Principal: { Service: 'lambda.amazonaws.com' },
          },
        },
      },
    },
    RolePolicy: {
      Type: 'AWS::IAM::Policy',
      Properties: { Roles: [{ Ref: 'Role' }], PolicyDocument: { Statement: statements } },
    },
  };
}

/** SDK clients that call as the stack's role. */
export function clients(
  deployment: Deployment,
  endpoints: Endpoints,
  record?: (call: RecordedCall) => void,
) {
  const handler = createSdkHandler({
    functionName: 'Small-Worker',
    roleArn: deployment.attribute('Role', 'Arn'),
    statements: rolePolicies(deployment, 'Role'),
    endpoints,
    region: PLACE.region,
    ...(record && { record }),
  });
  const config = {
    region: PLACE.region,
    requestHandler: handler as never,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    signer: { sign: async <Request>(request: Request) => request },
  };
  return {
    table: DynamoDBDocumentClient.from(new DynamoDBClient(config)),
    queue: new SQSClient(config),
    bucket: new S3Client(config),
    scheduler: new SchedulerClient(config),
    keys: new KMSClient(config),
    workflow: new SFNClient(config),
    close: () => handler.destroy(),
  };
}
