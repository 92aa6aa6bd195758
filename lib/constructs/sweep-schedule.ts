import { type CfnResource, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';

/** Starts the sweep every minute. */
export class SweepSchedule extends Construct {
  constructor(scope: Construct, id: string, sweep: LambdaFunction) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    // The ready-made target would also allow every version and alias of the function.
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [sweep.functionArn] }),
    );
    const schedule = new CfnSchedule(this, 'Schedule', {
      scheduleExpression: 'rate(1 minute)',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: sweep.functionArn,
        roleArn: role.roleArn,
        input: '{}',
        // The next minute's sweep finds all that this one would have found.
        retryPolicy: { maximumRetryAttempts: 1, maximumEventAgeInSeconds: 60 },
      },
    });
    schedule.node.addDependency(role);

    // Where every worker lives in one process, none can be alive when that process starts: claims are
    // then released by this event before anything else runs.
    (sweep.node.defaultChild as CfnResource).addMetadata('crucibai:invoke-on-start', {
      release_claims: true,
    });
  }
}
