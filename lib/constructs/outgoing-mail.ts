import { Stack, Validations } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnConfigurationSet, CfnConfigurationSetEventDestination } from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { StageConfig } from '../config/stages.ts';

/**
 * How e-mail leaves: as an identity of Amazon SES in this account, by a configuration set that lets
 * bounces and complaints come back. Identities are verified by hand, once, not by the stack: an
 * address or a domain is proved by whoever can read its mail or change its DNS.
 */
export class OutgoingMail extends Construct {
  /** All identities: in its sandbox SES also asks for permission on those of recipients. */
  readonly identitiesArn: string;
  /** SES asks for permission on the configuration set too. */
  readonly setArn: string;
  readonly setName: string;

  constructor(scope: Construct, id: string, stage: StageConfig) {
    super(scope, id);
    this.setName = `${stage.stackName}-mail`;
    const arn = (resource: string, resourceName: string) =>
      Stack.of(this).formatArn({ service: 'ses', resource, resourceName });
    this.identitiesArn = arn('identity', '*');
    this.setArn = arn('configuration-set', this.setName);
  }

  /** Tell the template checks that a role's wildcard is meant. */
  acknowledgeGrant(user: Construct): void {
    Validations.of(user).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:identity/*]',
      reason: 'The condition on ses:FromAddress is the bound: one address, whatever SES asks for.',
    });
  }

  /** Has this function told of bounces and complaints. An event that is lost comes with the next e-mail. */
  tell(mailEvents: LambdaFunction): void {
    const set = new CfnConfigurationSet(this, 'Set', {
      name: this.setName,
      sendingOptions: { sendingEnabled: true },
      reputationOptions: { reputationMetricsEnabled: true },
    });
    // SES publishes to the default bus, and to no other.
    const destination = new CfnConfigurationSetEventDestination(this, 'Returned', {
      configurationSetName: this.setName,
      eventDestination: {
        name: 'returned',
        enabled: true,
        matchingEventTypes: ['bounce', 'complaint'],
        eventBridgeDestination: {
          eventBusArn: Stack.of(this).formatArn({
            service: 'events',
            resource: 'event-bus',
            resourceName: 'default',
          }),
        },
      },
    });
    destination.addResourceDependency(set);
    new Rule(this, 'ReturnedMail', {
      description: 'E-mail of this deployment that came back, or was called spam.',
      eventPattern: {
        source: ['aws.ses'],
        detailType: ['Email Bounced', 'Email Complaint Received'],
        detail: { mail: { tags: { 'ses:configuration-set': [this.setName] } } },
      },
      targets: [new FunctionTarget(mailEvents, { retryAttempts: 2 })],
    });
  }
}
