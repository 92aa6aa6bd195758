import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it, onTestFinished } from 'vitest';
import { claimDataDirectory } from '#local/data-directory';
import { startEmulators } from '#local/services/emulators';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import { clients, deployed, PLACE, smallStack } from './small-stack.ts';

const ROOT = join(import.meta.dirname, '../../..');
const LIVES = 4;

/** A machine that writes until it is killed. `acknowledged` grows while it lives. */
function start(directory: string, life: number): { process: ChildProcess; acknowledged: string[] } {
  const script = fileURLToPath(import.meta.resolve('./killed-machine.ts'));
  const machine = spawn(process.execPath, [script, directory, String(life)], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: string[] = [];
  let rest = '';
  machine.stdout.on('data', (chunk: Buffer) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    acknowledged.push(...lines);
  });
  onTestFinished(() => void machine.kill('SIGKILL'));
  return { process: machine, acknowledged };
}

async function kill(machine: ChildProcess): Promise<void> {
  const ended = new Promise((settle) => machine.once('close', settle));
  machine.kill('SIGKILL');
  await ended;
}

it('loses nothing acknowledged to kill -9, and tears no transaction', async () => {
  const directory = temporaryDirectory();
  const acknowledged: string[] = [];
  for (let life = 1; life <= LIVES; life += 1) {
    const machine = start(directory, life);
    await eventually(() => expect(machine.acknowledged.length).toBeGreaterThan(150 * life));
    await kill(machine.process);
    acknowledged.push(...machine.acknowledged);
  }

  const deployment = deployed({
    Resources: smallStack([{ Effect: 'Allow', Action: '*', Resource: '*' }]),
  });
  const claim = claimDataDirectory(directory);
  const emulators = await startEmulators({ dataDir: claim.path, ...PLACE });
  const { table, queue, bucket, close } = clients(deployment, emulators.endpoints);
  const messages = new Set<string | undefined>();
  for (;;) {
    const QueueUrl = deployment.physical('Work');
    const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 });
    const { Messages = [] } = await queue.send(command);
    if (Messages.length === 0) break;
    for (const { Body } of Messages) messages.add(Body);
  }
  const found = async (line: string): Promise<boolean> => {
    const [kind, id = ''] = line.split(' ');
    if (kind === 'message') return messages.has(id);
    if (kind === 'object') {
      const Bucket = deployment.physical('Files');
      const { Body } = await bucket.send(new GetObjectCommand({ Bucket, Key: id }));
      return (await Body?.transformToString()) === id;
    }
    const { Count } = await table.send(
      new QueryCommand({
        TableName: deployment.physical('Things'),
        KeyConditionExpression: 'pk = :p',
        ExpressionAttributeValues: { ':p': id },
      }),
    );
    return Count === 2;
  };
  const lost = [];
  for (const line of acknowledged) if (!(await found(line))) lost.push(line);

  expect(acknowledged.length).toBeGreaterThan(1_000);
  expect(lost).toEqual([]);
  close();
  await emulators.close();
  claim.release();
});

it('takes its DynamoDB with it when it is killed', async () => {
  const directory = temporaryDirectory();
  const machine = start(directory, 1);
  await eventually(() => expect(machine.acknowledged.length).toBeGreaterThan(0));
  const pid = Number(readFileSync(join(directory, 'aws/dynoxide.pid'), 'utf8'));

  await kill(machine.process);

  await eventually(() => expect(isRunning(pid)).toBe(false), 2);
});

it('ends a DynamoDB that was left behind before it starts another', async () => {
  const directory = temporaryDirectory();
  const first = await startEmulators({ dataDir: directory, ...PLACE });
  const pid = Number(readFileSync(join(directory, 'aws/dynoxide.pid'), 'utf8'));

  const second = await startEmulators({ dataDir: directory, ...PLACE });

  expect(isRunning(pid)).toBe(false);
  expect(await first.failed).toContain('SIGKILL');
  await first.close();
  await second.close();
});

it('has its data directory for itself, until it is killed', async () => {
  const directory = temporaryDirectory();
  const machine = start(directory, 1);
  await eventually(() => expect(machine.acknowledged.length).toBeGreaterThan(0));

  expect(() => claimDataDirectory(directory)).toThrow('in use by another process');

  await kill(machine.process);
  claimDataDirectory(directory).release();
});

/** Whether a process runs; one that is dead but not yet collected by its parent does not. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
