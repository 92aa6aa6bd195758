import { Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** Where the agents' schedules live, and the role with which they send to the run queue. */
export class AgentSchedules extends Construct {
  readonly groupName: string;
  readonly role: Role;

  constructor(scope: Construct, id: string, queue: Queue) {
    super(scope, id);
    const group = new CfnScheduleGroup(this, 'Group', {});
    this.groupName = group.ref;
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    this.role.addToPolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] }),
    );
  }

  /** Every schedule of the group, and none of another. */
  get schedulesArn(): string {
    return Stack.of(this).formatArn({
      service: 'scheduler',
      resource: 'schedule',
      resourceName: `${this.groupName}/*`,
    });
  }

  /** Says why a function may touch every schedule of the group: agents come and go at run time. */
  acknowledgeGroupGrant(user: Construct): void {
    Validations.of(user).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/<${this.groupId}>/*]`,
      reason: 'The group holds nothing but the schedules of agents, which are named at run time.',
    });
  }

  private get groupId(): string {
    return Stack.of(this).getLogicalId(this.node.findChild('Group') as CfnScheduleGroup);
  }
}
