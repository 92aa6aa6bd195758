import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { GetCommand, PutCommand, QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { provision } from '#local/provision';
import { type Emulators, startEmulators } from '#local/services/emulators';
import { startTimeToLive } from '#local/time-to-live';
import { temporaryDirectory } from '#test/helpers/directories';
import { clients, deployed, PLACE, smallStack } from './small-stack.ts';

const directory = temporaryDirectory();
const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
const deployment = deployed({ Resources: smallStack([everything]) });
const TableName = deployment.physical('Things');
let emulators: Emulators;
let aws: ReturnType<typeof clients>;

beforeAll(async () => {
  emulators = await startEmulators({ dataDir: directory, ...PLACE });
  await provision(deployment, emulators.endpoints);
  aws = clients(deployment, emulators.endpoints);
});
afterAll(async () => {
  aws.close();
  await emulators.close();
});

describe('provision', () => {
  it('may be repeated, and keeps what is stored', async () => {
    await aws.table.send(new PutCommand({ TableName, Item: { pk: 'kept', sk: '1' } }));
    await provision(deployment, emulators.endpoints);
    const { Item } = await aws.table.send(
      new GetCommand({ TableName, Key: { pk: 'kept', sk: '1' } }),
    );
    expect(Item).toEqual({ pk: 'kept', sk: '1' });
  });

  it('gives queues their attributes, and changes them later', async () => {
    const attributes = async () => {
      const QueueUrl = deployment.physical('Work');
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
      return (await aws.queue.send(command)).Attributes;
    };
    expect(await attributes()).toMatchObject({
      VisibilityTimeout: '60',
      RedrivePolicy:
        '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:Small-Dead","maxReceiveCount":2}',
    });

    const Resources = smallStack();
    const Work = { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 90 } };
    await provision(deployed({ Resources: { ...Resources, Work } }), emulators.endpoints);

    expect(await attributes()).toMatchObject({ VisibilityTimeout: '90' });
  });

  it('adds an index to a table that is in use, with the items it has', async () => {
    await aws.table.send(new PutCommand({ TableName, Item: { pk: 'i', sk: '1', team: 't' } }));
    const Resources = smallStack();
    const table = Resources['Things'];
    const properties = table?.Properties as Record<string, object[]>;
    const index = {
      IndexName: 'by_team',
      KeySchema: [{ AttributeName: 'team', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    };
    const Things = {
      Type: 'AWS::DynamoDB::GlobalTable',
      Properties: {
        ...properties,
        AttributeDefinitions: [
          ...(properties['AttributeDefinitions'] ?? []),
          { AttributeName: 'team', AttributeType: 'S' },
        ],
        GlobalSecondaryIndexes: [...(properties['GlobalSecondaryIndexes'] ?? []), index],
      },
    };

    await provision(deployed({ Resources: { ...Resources, Things } }), emulators.endpoints);

    const { Items } = await aws.table.send(
      new QueryCommand({
        TableName,
        IndexName: 'by_team',
        KeyConditionExpression: 'team = :t',
        ExpressionAttributeValues: { ':t': 't' },
      }),
    );
    expect(Items).toMatchObject([{ pk: 'i', sk: '1' }]);
  });

  it.each([
    ['a type that nothing runs', { Type: 'AWS::Kinesis::Stream' }, 'Extra (AWS::Kinesis::Stream)'],
    [
      'a setting that nothing heeds',
      { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
      'FifoQueue',
    ],
  ])('refuses %s', async (_, Extra, message) => {
    const strange = deployed({ Resources: { ...smallStack(), Extra } });
    await expect(provision(strange, emulators.endpoints)).rejects.toThrow(message);
  });
});

describe('time to live', () => {
  it('deletes what has expired, and nothing else', async () => {
    const now = 1_900_000_000;
    const items = [
      { pk: 'ttl', sk: 'expired', expires_at: now - 1 },
      { pk: 'ttl', sk: 'later', expires_at: now + 1 },
      { pk: 'ttl', sk: 'never' },
      { pk: 'ttl', sk: 'not a time', expires_at: 'soon' },
    ];
    for (const Item of items) await aws.table.send(new PutCommand({ TableName, Item }));
    const timeToLive = startTimeToLive(deployment, emulators.endpoints.dynamodb, () => {});

    const deleted = await timeToLive.sweep(now);

    timeToLive.stop();
    const { Items = [] } = await aws.table.send(
      new ScanCommand({
        TableName,
        FilterExpression: 'pk = :p',
        ExpressionAttributeValues: { ':p': 'ttl' },
      }),
    );
    expect(deleted).toBe(1);
    expect(Items.map((item) => item['sk']).toSorted()).toEqual(['later', 'never', 'not a time']);
  });

  it('comes through a table of many pages', async () => {
    const now = 1_900_000_000;
    const put = (index: number) =>
      aws.table.send(
        new PutCommand({ TableName, Item: { pk: 'many', sk: String(index), expires_at: now - 1 } }),
      );
    await Promise.all(Array.from({ length: 1_200 }, (_, index) => put(index)));
    const timeToLive = startTimeToLive(deployment, emulators.endpoints.dynamodb, () => {});

    let deleted = 0;
    for (let sweep = 0; sweep < 4; sweep += 1) deleted += await timeToLive.sweep(now);

    timeToLive.stop();
    expect(deleted).toBe(1_200);
  });
});
