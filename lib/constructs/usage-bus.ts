import { Aws, Fn, Token } from 'aws-cdk-lib';
import { CfnEventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';

/** Where the usage of each run is told. Whoever meters or bills adds rules to it. */
export class UsageBus extends Construct {
  readonly name: string;
  readonly arn: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    // A bus must have a name; no two stacks of a region have the same one.
    const bus = new CfnEventBus(this, 'Bus', {
      name: `${Aws.STACK_NAME}-usage`,
      description: 'The usage of each run that is over, for metering and billing.',
    });
    this.name = bus.ref;
    this.arn = bus.attrArn;
  }

  /** Its name where a condition holds, else nothing. */
  nameIf(condition: string): string {
    return Token.asString(Fn.conditionIf(condition, this.name, ''));
  }
}
