/**
 * A process for tests to kill: starts the emulators in the directory it is given, writes to all of them and prints a
 * line for each write that was acknowledged.
 */
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { claimDataDirectory } from '#local/data-directory';
import { provision } from '#local/provision';
import { startEmulators } from '#local/services/emulators';
import { clients, deployed, PLACE, smallStack } from './small-stack.ts';

const [directory = '', life = ''] = process.argv.slice(2);
const dataDir = claimDataDirectory(directory).path;
const deployment = deployed({
  Resources: smallStack([{ Effect: 'Allow', Action: '*', Resource: '*' }]),
});
const emulators = await startEmulators({ dataDir, ...PLACE });
await provision(deployment, emulators.endpoints);
const { table, queue, bucket } = clients(deployment, emulators.endpoints);
const TableName = deployment.physical('Things');

async function writeForEver(writer: number): Promise<never> {
  for (let n = 0; ; n += 1) {
    const id = `${life}-${writer}-${n}`;
    const TransactItems = ['a', 'b'].map((sk) => ({ Put: { TableName, Item: { pk: id, sk } } }));
    await table.send(new TransactWriteCommand({ TransactItems }));
    console.log(`item ${id}`);
    const QueueUrl = deployment.physical('Work');
    await queue.send(new SendMessageCommand({ QueueUrl, MessageBody: id, MessageGroupId: id }));
    console.log(`message ${id}`);
    const Bucket = deployment.physical('Files');
    await bucket.send(new PutObjectCommand({ Bucket, Key: id, Body: id }));
    console.log(`object ${id}`);
  }
}

await Promise.all([1, 2, 3, 4].map(writeForEver));
