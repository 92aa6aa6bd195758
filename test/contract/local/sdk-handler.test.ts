import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import {
  BatchGetCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { provision } from '#local/provision';
import { type Emulators, startEmulators } from '#local/services/emulators';
import type { RecordedCall } from '#local/types';
import { temporaryDirectory } from '#test/helpers/directories';
import { clients, deployed, PLACE, smallStack } from './small-stack.ts';

const directory = temporaryDirectory();
const everything = { Effect: 'Allow', Action: ['dynamodb:*', 'sqs:*', 's3:*'], Resource: '*' };
const deployment = deployed({ Resources: smallStack([everything]) });
const TableName = deployment.physical('Things');
const QueueUrl = deployment.physical('Work');
const Bucket = deployment.physical('Files');
const recorded: RecordedCall[] = [];
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

describe('DynamoDB', () => {
  it('writes, reads, updates, batches and queries an index', async () => {
    const Item = { pk: 'u1', sk: 'a', owner: 'o1', text: 'ä€', list: [1, { deep: true }] };
    await aws.table.send(new PutCommand({ TableName, Item }));
    const Key = { pk: 'u1', sk: 'a' };
    await aws.table.send(
      new UpdateCommand({
        TableName,
        Key,
        UpdateExpression: 'ADD #n :one',
        ExpressionAttributeNames: { '#n': 'n' },
        ExpressionAttributeValues: { ':one': 1 },
      }),
    );

    const got = await aws.table.send(new GetCommand({ TableName, Key }));
    const batch = await aws.table.send(
      new BatchGetCommand({ RequestItems: { [TableName]: { Keys: [Key] } } }),
    );
    const queried = await aws.table.send(
      new QueryCommand({
        TableName,
        IndexName: 'by_owner',
        KeyConditionExpression: '#o = :o',
        ExpressionAttributeNames: { '#o': 'owner' },
        ExpressionAttributeValues: { ':o': 'o1' },
      }),
    );

    expect(got.Item).toEqual({ ...Item, n: 1 });
    expect(batch.Responses?.[TableName]).toEqual([{ ...Item, n: 1 }]);
    expect(queried.Items).toEqual([{ pk: 'u1', sk: 'a', owner: 'o1' }]);
  });

  it('refuses a transaction as a whole, with the reason for each item', async () => {
    const put = (sk: string) => ({ Put: { TableName, Item: { pk: 'tx', sk } } });
    const missing = {
      ConditionCheck: {
        TableName,
        Key: { pk: 'tx', sk: 'not there' },
        ConditionExpression: 'attribute_exists(pk)',
      },
    };

    const refused = aws.table.send(
      new TransactWriteCommand({ TransactItems: [put('1'), missing] }),
    );

    await expect(refused).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }],
    });
    const { Item } = await aws.table.send(
      new GetCommand({ TableName, Key: { pk: 'tx', sk: '1' } }),
    );
    expect(Item).toBeUndefined();
  });

  it('carries an answer that needs many packets', async () => {
    const Item = { pk: 'big', sk: '1', text: 'x'.repeat(390_000) };
    await aws.table.send(new PutCommand({ TableName, Item }));
    const { Item: got } = await aws.table.send(
      new GetCommand({ TableName, Key: { pk: 'big', sk: '1' } }),
    );
    expect(got).toEqual(Item);
  });
});

describe('SQS', () => {
  it('sends, receives and deletes', async () => {
    const sent = await aws.queue.send(
      new SendMessageCommand({ QueueUrl, MessageBody: '{"run":"ä"}', MessageGroupId: 'u1' }),
    );
    const { Messages = [] } = await aws.queue.send(
      new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ['All'] }),
    );

    expect(Messages).toMatchObject([
      {
        MessageId: sent.MessageId,
        Body: '{"run":"ä"}',
        Attributes: { ApproximateReceiveCount: '1', MessageGroupId: 'u1' },
      },
    ]);
    const ReceiptHandle = Messages[0]?.ReceiptHandle;
    await aws.queue.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  });

  it("reports a missing queue by the SDK's name for it", async () => {
    const elsewhere = QueueUrl.replace('Small-Work', 'Small-Nothing');
    const call = aws.queue.send(new SendMessageCommand({ QueueUrl: elsewhere, MessageBody: 'x' }));
    await expect(call).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });

  it('ends a long poll that its caller gives up', async () => {
    const controller = new AbortController();
    const call = aws.queue.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), {
      abortSignal: controller.signal,
    });
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('S3', () => {
  it('keeps bytes, type and metadata', async () => {
    const Key = 'runs/r 1/ä.json';
    const Body = JSON.stringify({ big: 'x'.repeat(300_000) });
    const Metadata = { step: '0' };
    await aws.bucket.send(
      new PutObjectCommand({ Bucket, Key, Body, ContentType: 'application/json', Metadata }),
    );

    const got = await aws.bucket.send(new GetObjectCommand({ Bucket, Key }));
    const head = await aws.bucket.send(new HeadObjectCommand({ Bucket, Key }));

    expect(await got.Body?.transformToString()).toBe(Body);
    expect(got).toMatchObject({ ContentType: 'application/json', Metadata });
    expect(head.ContentLength).toBe(Body.length);
  });

  it('takes a stream', async () => {
    const Body = Readable.from(['one ', 'two']);
    await aws.bucket.send(new PutObjectCommand({ Bucket, Key: 'stream', Body, ContentLength: 7 }));
    const got = await aws.bucket.send(new GetObjectCommand({ Bucket, Key: 'stream' }));
    expect(await got.Body?.transformToString()).toBe('one two');
  });

  it('writes only what is not there when asked so', async () => {
    const put = () =>
      aws.bucket.send(new PutObjectCommand({ Bucket, Key: 'once', Body: 'x', IfNoneMatch: '*' }));
    await put();
    await expect(put()).rejects.toMatchObject({ name: 'PreconditionFailed' });
  });

  it('deletes', async () => {
    await aws.bucket.send(new PutObjectCommand({ Bucket, Key: 'gone', Body: 'x' }));
    await aws.bucket.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }));
    const got = aws.bucket.send(new GetObjectCommand({ Bucket, Key: 'gone' }));
    await expect(got).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('refuses a part of an object rather than giving it whole', async () => {
    const got = aws.bucket.send(new GetObjectCommand({ Bucket, Key: 'once', Range: 'bytes=0-1' }));
    await expect(got).rejects.toMatchObject({ name: 'NotImplemented' });
  });
});

describe('a role', () => {
  const callAs = (...statements: object[]) =>
    clients(deployed({ Resources: smallStack(statements) }), emulators.endpoints);
  const principal = 'User: arn:aws:sts::000000000000:assumed-role/Small-Role/Small-Worker';
  const onTable = 'arn:aws:dynamodb:us-east-1:000000000000:table/Small-Things';
  const readsOnly = { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: onTable };
  const put = new PutCommand({ TableName, Item: { pk: 'p', sk: 's' } });

  it('may do only what it says to the table', async () => {
    const { table } = callAs(readsOnly);

    await expect(table.send(put)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `${principal} is not authorized to perform: dynamodb:PutItem on resource: ${onTable} because no identity-based policy allows the dynamodb:PutItem action`,
      $metadata: { httpStatusCode: 400, attempts: 1 },
    });
    await table.send(new GetCommand({ TableName, Key: { pk: 'p', sk: 's' } }));
  });

  it('needs every item of a transaction allowed', async () => {
    const { table } = callAs({ Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: '*' });
    const TransactItems = [
      { Put: { TableName, Item: { pk: 'p', sk: 'never' } } },
      { Delete: { TableName, Key: { pk: 'p', sk: 's' } } },
    ];
    await expect(table.send(new TransactWriteCommand({ TransactItems }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('dynamodb:DeleteItem'),
    });
  });

  it('is told about an explicit deny', async () => {
    const { table } = callAs(everything, { Effect: 'Deny', Action: '*', Resource: onTable });
    await expect(table.send(put)).rejects.toThrow('explicit deny in an identity-based policy');
  });

  it('may do only what it says to the queue', async () => {
    const { queue } = callAs(readsOnly);
    const Entries = [{ Id: '1', MessageBody: 'x' }];
    await expect(
      queue.send(new SendMessageBatchCommand({ QueueUrl, Entries })),
    ).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `${principal} is not authorized to perform: sqs:sendmessage on resource: arn:aws:sqs:us-east-1:000000000000:Small-Work because no identity-based policy allows the sqs:sendmessage action`,
      $metadata: { httpStatusCode: 403 },
    });
  });

  it('may do only what it says to the bucket', async () => {
    const { bucket } = callAs({
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::small-files/runs/*',
    });
    await expect(
      bucket.send(new GetObjectCommand({ Bucket, Key: 'secret' })),
    ).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
  });
});

describe('recording', () => {
  it('counts request units, with indexes, and refused writes', async () => {
    const counted = clients(deployment, emulators.endpoints, (call) => recorded.push(call));
    const put = (ConditionExpression?: string) =>
      counted.table.send(
        new PutCommand({ TableName, Item: { pk: 'm', sk: 'm', owner: 'm' }, ConditionExpression }),
      );
    await put();
    await put('attribute_not_exists(pk)').catch(() => undefined);
    await counted.table.send(new GetCommand({ TableName, Key: { pk: 'm', sk: 'm' } }));
    await counted.queue.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    counted.close();

    const call = { functionName: 'Small-Worker', resource: 'Small-Things', service: 'dynamodb' };
    expect(recorded).toEqual([
      { ...call, operation: 'PutItem', status: 200, readUnits: 0, writeUnits: 2 },
      { ...call, operation: 'PutItem', status: 400, readUnits: 0, writeUnits: 1 },
      { ...call, operation: 'GetItem', status: 200, readUnits: 0.5, writeUnits: 0 },
      {
        ...call,
        service: 'sqs',
        resource: 'Small-Work',
        operation: 'SendMessage',
        status: 200,
        readUnits: 0,
        writeUnits: 0,
      },
    ]);
  });
});
