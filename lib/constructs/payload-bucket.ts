import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { StageConfig } from '../config/stages.ts';

/** Files that steps make for people are deleted after this many days. */
const EXPORT_DAYS = 7;

/** Where step inputs and outputs go that are too large for a table item, under `runs/`. */
export class PayloadBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, stage: StageConfig) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      versioned: true,
      removalPolicy: stage.dataRemoval,
      autoDeleteObjects: stage.dataRemoval === RemovalPolicy.DESTROY,
      lifecycleRules: [
        { id: 'runs', prefix: 'runs/', expiration: Duration.days(stage.payloadDays) },
        { id: 'exports', prefix: 'exports/', expiration: Duration.days(EXPORT_DAYS) },
        {
          id: 'left-overs',
          expiredObjectDeleteMarker: true,
          noncurrentVersionExpiration: Duration.days(7),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Only our functions reach it, by id taken from the table; their own log says which run.',
    });
  }

  /** ARN pattern of everything a function may be allowed to touch in here. */
  get runObjectsArn(): string {
    return this.bucket.arnForObjects('runs/*');
  }

  /** ARN pattern of the files that steps make for people. */
  get exportsArn(): string {
    return this.bucket.arnForObjects('exports/*');
  }

  /** Tell the template checks that a role's wildcard is this prefix, on purpose. */
  acknowledgePrefixGrant(scope: Construct, prefix: 'runs' | 'exports'): void {
    const logicalId = Stack.of(this).getLogicalId(this.bucket.node.defaultChild as CfnBucket);
    Validations.of(scope).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${logicalId}.Arn>/${prefix}/*]`,
      reason:
        'Objects are named by run id, which nobody knows at deployment: the prefix is the bound.',
    });
  }
}
