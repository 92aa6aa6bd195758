import { AttributeType, Billing, ProjectionType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { StageConfig } from '../config/stages.ts';

const indexes = [
  { name: 'runs_by_agent', partition: 'agent_key', sort: 'run_id' },
  { name: 'runs_by_user', partition: 'user_key', sort: 'run_id' },
  // Only open runs and schedules carry these attributes, so the index stays as small as the backlog.
  { name: 'due', partition: 'due_shard', sort: 'due_at' },
] as const;

/** The one table, where the record of truth is. Indexes hold keys only: they find, the table tells. */
export class DataTable extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string, stage: StageConfig) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billing: Billing.onDemand(),
      timeToLiveAttribute: 'expires_at',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: stage.deletionProtection,
      removalPolicy: stage.dataRemoval,
      globalSecondaryIndexes: indexes.map(({ name, partition, sort }) => ({
        indexName: name,
        partitionKey: { name: partition, type: AttributeType.STRING },
        sortKey: { name: sort, type: AttributeType.STRING },
        projectionType: ProjectionType.KEYS_ONLY,
      })),
    });
  }

  /** ARN of one index, the only way to let a function query it and no other. */
  indexArn(name: (typeof indexes)[number]['name']): string {
    return `${this.table.tableArn}/index/${name}`;
  }
}
