import { AwsError, type JsonClient } from '#local/json-client';
import { refuseOthers } from '#local/provision/properties';
import type { Deployment, Resource } from '#local/types';

type Key = { readonly AttributeName: string; readonly KeyType: string };
type Index = { readonly IndexName: string; readonly KeySchema: readonly Key[] };
type Attribute = { readonly AttributeName: string; readonly AttributeType: string };
type TimeToLive = { readonly AttributeName: string; readonly Enabled: boolean };
type TableProperties = {
  readonly AttributeDefinitions: readonly Attribute[];
  readonly KeySchema: readonly Key[];
  readonly GlobalSecondaryIndexes?: readonly Index[];
  readonly TimeToLiveSpecification?: TimeToLive;
};
type Description = { readonly GlobalSecondaryIndexes?: readonly Index[] };

/** Capacity, copies, encryption and backups are AWS's affair. */
const UNDERSTOOD = [
  'AttributeDefinitions',
  'BillingMode',
  'DeletionProtectionEnabled',
  'GlobalSecondaryIndexes',
  'KeySchema',
  'PointInTimeRecoverySpecification',
  'Replicas',
  'SSESpecification',
  'TableName',
  'Tags',
  'TimeToLiveSpecification',
];

/** Make a table with its indexes and TTL, or add what an earlier start's table lacks. */
export async function provisionTable(
  dynamodb: JsonClient,
  deployment: Deployment,
  logicalId: string,
  { Properties = {} }: Resource,
): Promise<void> {
  refuseOthers(logicalId, Properties, UNDERSTOOD);
  const properties = deployment.resolve(Properties) as TableProperties;
  const name = deployment.physical(logicalId);
  const existing = await describe(dynamodb, name);
  if (existing) await addIndexes(dynamodb, name, existing, properties);
  else await create(dynamodb, name, properties);
  await setTimeToLive(dynamodb, name, properties.TimeToLiveSpecification);
}

async function describe(dynamodb: JsonClient, name: string): Promise<Description | undefined> {
  try {
    const { Table } = await dynamodb.call<{ Table: Description }>(
      'DynamoDB_20120810.DescribeTable',
      { TableName: name },
    );
    return Table;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

async function create(
  dynamodb: JsonClient,
  name: string,
  properties: TableProperties,
): Promise<void> {
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } = properties;
  await dynamodb.call('DynamoDB_20120810.CreateTable', {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions,
    KeySchema,
    ...(GlobalSecondaryIndexes && { GlobalSecondaryIndexes }),
  });
}

async function addIndexes(
  dynamodb: JsonClient,
  name: string,
  existing: Description,
  { AttributeDefinitions, GlobalSecondaryIndexes = [] }: TableProperties,
): Promise<void> {
  const has = new Set(existing.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName));
  for (const index of GlobalSecondaryIndexes.filter(({ IndexName }) => !has.has(IndexName))) {
    await dynamodb.call('DynamoDB_20120810.UpdateTable', {
      TableName: name,
      AttributeDefinitions,
      GlobalSecondaryIndexUpdates: [{ Create: index }],
    });
  }
}

async function setTimeToLive(
  dynamodb: JsonClient,
  name: string,
  wanted: TimeToLive | undefined,
): Promise<void> {
  if (!wanted) return;
  const { TimeToLiveDescription: is } = await dynamodb.call<{
    TimeToLiveDescription: { TimeToLiveStatus: string; AttributeName?: string };
  }>('DynamoDB_20120810.DescribeTimeToLive', { TableName: name });
  const isOn = is.TimeToLiveStatus === 'ENABLED' && is.AttributeName === wanted.AttributeName;
  if (isOn === wanted.Enabled) return;
  await dynamodb.call('DynamoDB_20120810.UpdateTimeToLive', {
    TableName: name,
    TimeToLiveSpecification: wanted,
  });
}
