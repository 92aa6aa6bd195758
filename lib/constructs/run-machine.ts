import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArnFormat, Fn, Stack, Token, Validations } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { StageConfig } from '../config/stages.ts';

const DEFINITION = join(import.meta.dirname, '../../statemachines/run.asl.json');

/** The state machine that carries runs of several steps, and what closes those that it loses. */
export class RunMachine extends Construct {
  /** Known before the machine is: the function that it invokes wakes its executions. */
  readonly arn: string;
  readonly executionsArn: string;
  readonly #name: string;

  constructor(scope: Construct, id: string, stage: StageConfig) {
    super(scope, id);
    this.#name = `${stage.stackName}-runs`;
    const arn = (resource: string, resourceName: string) =>
      Stack.of(this).formatArn({
        service: 'states',
        resource,
        resourceName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      });
    this.arn = arn('stateMachine', this.#name);
    this.executionsArn = arn('execution', `${this.#name}:*`);
  }

  /** Tell the template checks that a role's wildcard is meant. */
  acknowledgeExecutionsGrant(user: Construct): void {
    Validations.of(user).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${this.#name}:*]`,
      reason: 'Every run has an execution of its own; all of this one machine may be stopped.',
    });
  }

  /**
   * Make the machine, which executes steps with this function.
   *
   * @param waitsOnly name of the condition that holds when runs enter it only to wait
   */
  runWith(runSteps: LambdaFunction, waitsOnly: string): void {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: [runSteps.functionArn],
      }),
    );
    const machine = new CfnStateMachine(this, 'Machine', {
      stateMachineName: this.#name,
      stateMachineType: 'STANDARD',
      roleArn: role.roleArn,
      definitionString: readFileSync(DEFINITION, 'utf8'),
      definitionSubstitutions: {
        RunStepsFunctionArn: runSteps.functionArn,
        StartAt: Token.asString(Fn.conditionIf(waitsOnly, 'Route', 'RunSteps')),
      },
    });
    machine.node.addDependency(role);
    Validations.of(machine).acknowledge(
      {
        id: 'CloudFormation-Validate::E3601',
        reason:
          'Where it starts is a parameter; tests check the definition from each of its values.',
      },
      {
        id: 'AwsSolutions-SF1',
        reason: 'Each run keeps its own log; one of every transition would cost more than the run.',
      },
      {
        id: 'AwsSolutions-SF2',
        reason: 'The functions are traced; the machine adds its history, kept for 90 days.',
      },
    );
    // Best effort, as all of EventBridge's status events: the sweeper finds what they miss.
    new Rule(this, 'Lost', {
      description: 'Executions that ended although their run may not have.',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'], stateMachineArn: [this.arn] },
      },
      targets: [new FunctionTarget(runSteps, { retryAttempts: 2 })],
    });
  }
}
