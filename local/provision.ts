import { type JsonClient, openJsonClient } from '#local/json-client';
import { provisionBucket } from '#local/provision/bucket';
import { provisionEventBuses } from '#local/provision/event-bus';
import { provisionKeys } from '#local/provision/key';
import { provisionMail } from '#local/provision/mail';
import { provisionQueues } from '#local/provision/queue';
import { provisionScheduleGroups } from '#local/provision/schedule-group';
import { provisionStateMachines } from '#local/provision/state-machine';
import { provisionTable } from '#local/provision/table';
import type { Deployment, Endpoints } from '#local/types';

/** Types that need nothing here: something else runs them, or only AWS has them. */
const ELSEWHERE = new Set([
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::CDK::Metadata',
  'AWS::CloudFront::CachePolicy',
  'AWS::CloudFront::Distribution',
  'AWS::CloudFront::Function',
  'AWS::CloudFront::OriginAccessControl',
  'AWS::CloudFront::ResponseHeadersPolicy',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Cognito::UserPool',
  'AWS::Cognito::UserPoolClient',
  'AWS::Cognito::UserPoolDomain',
  'AWS::Cognito::UserPoolGroup',
  'AWS::Events::Rule',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Version',
  'AWS::Logs::LogGroup',
  'AWS::Logs::QueryDefinition',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::Scheduler::Schedule',
  'Custom::Trigger',
]);
const PROVISIONED = new Set([
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::Events::EventBus',
  'AWS::KMS::Alias',
  'AWS::KMS::Key',
  'AWS::S3::Bucket',
  'AWS::SES::ConfigurationSet',
  'AWS::SES::ConfigurationSetEventDestination',
  'AWS::SQS::Queue',
  'AWS::Scheduler::ScheduleGroup',
  'AWS::StepFunctions::StateMachine',
]);

/**
 * Make the tables, queues, buckets, keys, groups of schedules, configuration sets, event buses and state machines that the template declares,
 * or change those of an earlier start to match.
 * Nothing is ever removed.
 *
 * @throws Error naming every resource of a type that nothing here runs, and properties that are not understood.
 */
export async function provision(deployment: Deployment, endpoints: Endpoints): Promise<void> {
  refuseUnknown(deployment);
  await using clients = new AsyncDisposableStack();
  const open = (endpoint: string): JsonClient => {
    const client = openJsonClient(endpoint);
    clients.defer(() => client.close());
    return client;
  };
  const dynamodb = open(endpoints.dynamodb);
  for (const type of ['AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table']) {
    for (const [logicalId, resource] of deployment.resourcesOf(type)) {
      await provisionTable(dynamodb, deployment, logicalId, resource);
    }
  }
  await provisionQueues(open(endpoints.sqs), deployment);
  for (const [logicalId] of deployment.resourcesOf('AWS::S3::Bucket')) {
    await provisionBucket(endpoints.s3, deployment.physical(logicalId));
  }
  if (declares(deployment, 'AWS::KMS::Key')) await provisionKeys(open(endpoints.kms), deployment);
  if (declares(deployment, 'AWS::Scheduler::ScheduleGroup')) {
    await provisionScheduleGroups(open(endpoints.scheduler), deployment);
  }
  if (declares(deployment, 'AWS::SES::ConfigurationSet')) {
    await provisionMail(open(endpoints.ses), deployment);
  }
  if (declares(deployment, 'AWS::Events::EventBus')) {
    await provisionEventBuses(open(endpoints.events), deployment);
  }
  if (declares(deployment, 'AWS::StepFunctions::StateMachine')) {
    await provisionStateMachines(open(endpoints.states), deployment);
  }
}

function declares(deployment: Deployment, type: string): boolean {
  return deployment.resourcesOf(type).length > 0;
}

function refuseUnknown({ assembly }: Deployment): void {
  const unknown = Object.entries(assembly.template.Resources)
    .filter(([, { Type }]) => !ELSEWHERE.has(Type) && !PROVISIONED.has(Type))
    .map(([logicalId, { Type }]) => `${logicalId} (${Type})`);
  if (unknown.length > 0) {
    throw new Error(`Nothing on one machine runs these resources: ${unknown.join(', ')}`);
  }
}
