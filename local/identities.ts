import type { Place } from '#local/types';

/** What `Ref` and `Fn::GetAtt` give for one resource. */
export type Identity = {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
};

/** All that a resource's identity can depend on. */
export type IdentitySource = Place & {
  readonly stackName: string;
  readonly logicalId: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** Base URL of the HTTP API, without a slash at the end. */
  readonly apiEndpoint: string;
  /** Replaces the generated name. */
  readonly name?: string;
};

type Identify = (name: string, source: IdentitySource) => Identity;

/**
 * One entry a resource type that something in a template may refer to. As on AWS a name is the one that the
 * template gives, else it is made from stack and logical id (here without the random suffix: it must survive restarts).
 */
const IDENTITIES: Record<string, { nameProperty?: string; identify: Identify }> = {
  'AWS::ApiGatewayV2::Api': {
    identify: (_, { logicalId, apiEndpoint }) => ({
      ref: logicalId.toLowerCase(),
      attributes: { ApiId: logicalId.toLowerCase(), ApiEndpoint: apiEndpoint },
    }),
  },
  'AWS::ApiGatewayV2::Authorizer': {
    identify: (name) => ({ ref: name, attributes: { AuthorizerId: name } }),
  },
  'AWS::ApiGatewayV2::Integration': { identify: named },
  'AWS::ApiGatewayV2::Route': { identify: named },
  'AWS::ApiGatewayV2::Stage': { nameProperty: 'StageName', identify: named },
  'AWS::CloudFront::CachePolicy': { identify: named },
  'AWS::CloudFront::Distribution': {
    identify: (_, { logicalId, accountId }) => ({
      ref: logicalId,
      attributes: {
        Arn: globalArn('cloudfront', accountId, `distribution/${logicalId}`),
        DomainName: `${logicalId.toLowerCase()}.cloudfront.net`,
      },
    }),
  },
  'AWS::CloudFront::Function': {
    nameProperty: 'Name',
    identify: (name, { accountId }) => {
      const functionArn = globalArn('cloudfront', accountId, `function/${name}`);
      return { ref: functionArn, attributes: { FunctionARN: functionArn } };
    },
  },
  'AWS::CloudFront::OriginAccessControl': {
    identify: (name) => ({ ref: name, attributes: { Id: name } }),
  },
  'AWS::CloudFront::ResponseHeadersPolicy': { identify: named },
  'AWS::CloudWatch::Alarm': {
    nameProperty: 'AlarmName',
    identify: (name, source) => withArn(name, arn('cloudwatch', `alarm:${name}`, source)),
  },
  'AWS::CloudWatch::Dashboard': { nameProperty: 'DashboardName', identify: named },
  'AWS::Cognito::UserPool': {
    identify: (_, source) => {
      const id = `${source.region}_${source.logicalId}`;
      const provider = `cognito-idp.${source.region}.amazonaws.com/${id}`;
      return {
        ref: id,
        attributes: {
          Arn: arn('cognito-idp', `userpool/${id}`, source),
          ProviderName: provider,
          ProviderURL: `https://${provider}`,
          UserPoolId: id,
        },
      };
    },
  },
  'AWS::Cognito::UserPoolClient': {
    identify: (_, { logicalId }) => ({ ref: logicalId, attributes: { ClientId: logicalId } }),
  },
  'AWS::Cognito::UserPoolDomain': { nameProperty: 'Domain', identify: named },
  'AWS::Cognito::UserPoolGroup': { nameProperty: 'GroupName', identify: named },
  'AWS::DynamoDB::GlobalTable': { nameProperty: 'TableName', identify: table },
  'AWS::DynamoDB::Table': { nameProperty: 'TableName', identify: table },
  'AWS::Events::EventBus': {
    nameProperty: 'Name',
    identify: (name, source) => withArn(name, arn('events', `event-bus/${name}`, source)),
  },
  'AWS::Events::Rule': {
    nameProperty: 'Name',
    identify: (name, source) => withArn(name, arn('events', `rule/${name}`, source)),
  },
  'AWS::IAM::ManagedPolicy': {
    nameProperty: 'ManagedPolicyName',
    identify: (name, source) => {
      const policyArn = globalArn('iam', source.accountId, `policy/${name}`);
      return { ref: policyArn, attributes: { PolicyArn: policyArn } };
    },
  },
  'AWS::IAM::Policy': { identify: named },
  'AWS::IAM::Role': {
    nameProperty: 'RoleName',
    identify: (name, source) => ({
      ref: name,
      attributes: {
        Arn: globalArn('iam', source.accountId, `role/${name}`),
        RoleId: `AROA${source.logicalId}`,
      },
    }),
  },
  'AWS::KMS::Alias': { nameProperty: 'AliasName', identify: named },
  'AWS::KMS::Key': {
    identify: (name, source) => ({
      ref: name,
      attributes: { Arn: arn('kms', `key/${name}`, source), KeyId: name },
    }),
  },
  'AWS::Lambda::EventSourceMapping': { identify: named },
  'AWS::Lambda::Function': {
    nameProperty: 'FunctionName',
    identify: (name, source) => withArn(name, arn('lambda', `function:${name}`, source)),
  },
  'AWS::Lambda::Version': {
    // One machine knows the newest version only, and whatever it is, it is the first.
    nameProperty: 'FunctionName',
    identify: (name, source) => ({
      ref: `${arn('lambda', `function:${name}`, source)}:1`,
      attributes: { Version: '1' },
    }),
  },
  'AWS::Logs::LogGroup': {
    nameProperty: 'LogGroupName',
    identify: (name, source) => withArn(name, arn('logs', `log-group:${name}:*`, source)),
  },
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    identify: (name, { region }) => {
      const bucket = name.toLowerCase();
      return {
        ref: bucket,
        attributes: {
          Arn: globalArn('s3', '', bucket),
          DomainName: `${bucket}.s3.amazonaws.com`,
          RegionalDomainName: `${bucket}.s3.${region}.amazonaws.com`,
        },
      };
    },
  },
  'AWS::SES::ConfigurationSet': { nameProperty: 'Name', identify: named },
  'AWS::SES::ConfigurationSetEventDestination': { identify: named },
  'AWS::SNS::Topic': {
    nameProperty: 'TopicName',
    identify: (name, source) => {
      const topicArn = arn('sns', name, source);
      return { ref: topicArn, attributes: { TopicArn: topicArn, TopicName: name } };
    },
  },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    identify: (name, source) => {
      const url = `https://sqs.${source.region}.amazonaws.com/${source.accountId}/${name}`;
      const queueArn = arn('sqs', name, source);
      return { ref: url, attributes: { Arn: queueArn, QueueName: name, QueueUrl: url } };
    },
  },
  'AWS::Scheduler::Schedule': {
    nameProperty: 'Name',
    identify: (name, source) => {
      const group = source.properties['GroupName'] ?? 'default';
      return withArn(name, arn('scheduler', `schedule/${group}/${name}`, source));
    },
  },
  'AWS::Scheduler::ScheduleGroup': {
    nameProperty: 'Name',
    identify: (name, source) => withArn(name, arn('scheduler', `schedule-group/${name}`, source)),
  },
  'AWS::StepFunctions::StateMachine': {
    nameProperty: 'StateMachineName',
    identify: (name, source) => {
      const machineArn = arn('states', `stateMachine:${name}`, source);
      return { ref: machineArn, attributes: { Arn: machineArn, Name: name } };
    },
  },
};

/** @throws Error when nothing is known about the type. */
export function identify(type: string, source: IdentitySource): Identity {
  const entry = IDENTITIES[type];
  if (!entry) {
    throw new Error(
      `${source.logicalId}: references to ${type} are unknown here; add the type to local/identities.ts`,
    );
  }
  const given = entry.nameProperty ? source.properties[entry.nameProperty] : undefined;
  const name = source.name ?? given ?? `${source.stackName}-${source.logicalId}`;
  return entry.identify(String(name), source);
}

function named(name: string): Identity {
  return { ref: name, attributes: {} };
}

function withArn(name: string, resourceArn: string): Identity {
  return { ref: name, attributes: { Arn: resourceArn } };
}

function table(name: string, source: IdentitySource): Identity {
  return withArn(name, arn('dynamodb', `table/${name}`, source));
}

function arn(service: string, resource: string, { region, accountId }: Place): string {
  return `arn:aws:${service}:${region}:${accountId}:${resource}`;
}

function globalArn(service: string, accountId: string, resource: string): string {
  return `arn:aws:${service}::${accountId}:${resource}`;
}
