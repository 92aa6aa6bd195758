import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Machine, startMachine } from '#local/machine';
import type { MachineOptions } from '#local/machine-options';
import type { Resource } from '#local/types';
import { temporaryDirectory } from '#test/helpers/directories';
import {
  apiResources,
  functionResources,
  mappingResource,
  roleFor,
  writeAssembly,
} from './assembly-on-disk.ts';
import { send } from './http.ts';

const AWS = `
const aws = globalThis[Symbol.for('crucibai.aws-request-handler')];
const call = async (service, target, input) => {
  const { response } = await aws.handle({
    method: 'POST', protocol: 'https:', hostname: service + '.us-east-1.amazonaws.com', path: '/',
    headers: { 'x-amz-target': target }, body: JSON.stringify(input),
  });
  const text = Buffer.from(response.body).toString();
  if (response.statusCode !== 200) throw new Error(text);
  return JSON.parse(text);
};
const put = (id) => call('dynamodb', 'DynamoDB_20120810.PutItem',
  { TableName: process.env.TABLE, Item: { pk: { S: id }, sk: { S: '-' } } });
const ids = async () => (await call('dynamodb', 'DynamoDB_20120810.Scan', { TableName: process.env.TABLE }))
  .Items.map((item) => item.pk.S).toSorted();
`;
const FRONT = `${AWS}
export const handler = async (event) => {
  if (event.start) return put('start event: ' + event.start);
  if (event.requestContext.http.method === 'POST') {
    await call('sqs', 'AmazonSQS.SendMessage', { QueueUrl: process.env.QUEUE, MessageBody: event.body });
    return { statusCode: 202 };
  }
  return ids();
};`;
const BACK = `${AWS}
export const handler = async ({ Records: [record] }) => { await put('from the queue: ' + record.body); };`;
const TICK = `${AWS}
export const handler = async (event) => put('scheduled: ' + JSON.stringify(event));`;

const TABLE_ACCESS = {
  Effect: 'Allow',
  Action: ['dynamodb:PutItem', 'dynamodb:Scan'],
  Resource: { 'Fn::GetAtt': ['Table', 'Arn'] },
};
const QUEUE_ARN = { 'Fn::GetAtt': ['Queue', 'Arn'] };
const SEND = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE_ARN };
const POLL = {
  Effect: 'Allow',
  Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
  Resource: QUEUE_ARN,
};
const ENVIRONMENT = {
  Environment: { Variables: { TABLE: { Ref: 'Table' }, QUEUE: { Ref: 'Queue' } } },
};

function resources(): Record<string, Resource> {
  return {
    Table: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
      },
    },
    Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 60 } },
    ...functionResources('Front', [TABLE_ACCESS, SEND], {
      Properties: ENVIRONMENT,
      Metadata: { 'crucibai:invoke-on-start': { start: 'yes' } },
    }),
    ...functionResources('Back', [TABLE_ACCESS, POLL], { Properties: ENVIRONMENT }),
    ...functionResources('Tick', [TABLE_ACCESS], { Properties: ENVIRONMENT }),
    Mapping: mappingResource('Queue', 'Back'),
    ScheduleRole: roleFor('scheduler.amazonaws.com', [
      {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: { 'Fn::GetAtt': ['Tick', 'Arn'] },
      },
    ]),
    Schedule: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        ScheduleExpression: 'rate(1 minute)',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: {
          Arn: { 'Fn::GetAtt': ['Tick', 'Arn'] },
          RoleArn: { 'Fn::GetAtt': ['ScheduleRole', 'Arn'] },
          Input: '{"by":"schedule"}',
        },
      },
    },
    ...apiResources('ANY /things/{proxy+}', 'Front'),
  };
}

let machines: Machine[];
let dataDir: string;
const problems = vi.fn();

beforeEach(() => {
  machines = [];
  problems.mockClear();
  dataDir = temporaryDirectory();
});
afterEach(() => Promise.all(machines.map((machine) => machine.stop())));

async function start(
  declared = resources(),
  bundles: Record<string, string> = { Front: FRONT, Back: BACK, Tick: TICK },
  options: Partial<MachineOptions> = {},
) {
  const cdkOut = writeAssembly(declared, bundles);
  const machine = await startMachine({
    port: 0,
    dataDir,
    report: { step() {}, problem: problems },
    synthesize: async () => ({ cdkOut, note: '' }),
    ...options,
  });
  machines.push(machine);
  const port = Number(new URL(machine.url).port);
  return {
    machine,
    port,
    enqueue: (body: string) =>
      send(port, {
        method: 'POST',
        path: '/things/x',
        headers: { 'content-type': 'text/plain' },
        body,
      }),
    stored: async () => (await send(port, { path: '/things/x' })).json() as string[],
  };
}

describe('a machine', () => {
  it('runs what the template declares: routes, queue, schedule and start event', async () => {
    const { enqueue, stored } = await start();

    expect(await stored()).toContain('start event: yes');
    expect(await enqueue('one')).toMatchObject({ status: 202 });

    await vi.waitFor(
      async () =>
        expect(await stored()).toEqual([
          'from the queue: one',
          'scheduled: {"by":"schedule"}',
          'start event: yes',
        ]),
      { timeout: 5_000 },
    );
    expect(problems).not.toHaveBeenCalled();
  });

  it('keeps everything when it is started again', async () => {
    const first = await start();
    await first.enqueue('kept');
    await vi.waitFor(async () => expect(await first.stored()).toContain('from the queue: kept'));
    await send(first.port, { method: 'POST', path: '/local/slack/a', body: '{"text":"hi"}' });
    const jwks = (await send(first.port, { path: '/local/.well-known/jwks.json' })).json();
    await first.machine.stop();

    const second = await start();

    expect(await second.stored()).toContain('from the queue: kept');
    expect((await send(second.port, { path: '/local/slack' })).json()).toMatchObject({
      items: [{ name: 'a', payload: { text: 'hi' } }],
    });
    expect((await send(second.port, { path: '/local/.well-known/jwks.json' })).json()).toEqual(
      jwks,
    );
  });

  it('counts what AWS would bill', async () => {
    const { machine, enqueue, stored, port } = await start(undefined, undefined, {
      countOperations: true,
    });
    await enqueue('counted');
    await vi.waitFor(async () => expect(await stored()).toContain('from the queue: counted'));

    await vi.waitFor(async () => {
      const counted = (await send(port, { path: '/local/operations' })).json();
      expect(counted).toMatchObject({
        lambda: { 'Sample-Back': { invocations: 1, gb_seconds: expect.any(Number) } },
        calls: { sqs: { SendMessage: { requests: 1 } } },
        poller: { DeleteMessageBatch: 1 },
      });
    });
    expect(machine.counters().http_requests).toBeGreaterThanOrEqual(2);
  });

  it('refuses what a role does not allow, and says so', async () => {
    const declared = resources();
    Object.assign(declared, functionResources('Back', [], { Properties: ENVIRONMENT }));
    declared['ScheduleRole'] = roleFor('scheduler.amazonaws.com', []);

    const { enqueue, stored } = await start(declared);
    await enqueue('never read');

    expect(problems.mock.calls.flat()).toEqual([
      expect.stringMatching(/^Mapping: AccessDenied: .*Sample-Back .*sqs:ReceiveMessage, /),
      expect.stringMatching(/^Schedule: AccessDenied: ScheduleRole .*lambda:InvokeFunction/),
    ]);
    expect(await stored()).toEqual(['start event: yes']);
  });

  it('lets what runs end before it stops', async () => {
    const slow = `${AWS}
      export const handler = async ({ Records: [record] }) => {
        await put('begun'); await new Promise((r) => setTimeout(r, 1_000)); await put('ended');
      };`;
    const first = await start(undefined, { Front: FRONT, Back: slow, Tick: TICK });
    await first.enqueue('slow');
    await vi.waitFor(async () => expect(await first.stored()).toContain('begun'));

    await first.machine.stop();

    const second = await start();
    expect(await second.stored()).toContain('ended');
  });

  it('says when an emulator ends by itself', async () => {
    const { machine } = await start();

    process.kill(Number(readFileSync(join(dataDir, 'aws', 'dynoxide.pid'), 'utf8')), 'SIGKILL');

    await expect(machine.failed).resolves.toMatch(/dynoxide ended \(SIGKILL\)/);
  });
});

describe('a machine that cannot start', () => {
  it.each([
    [
      'a bundle does not load',
      () => start(undefined, { Front: 'throw new Error("no way");', Back: BACK, Tick: TICK }),
      /does not start/,
    ],
    [
      'a start event is refused',
      () =>
        start(undefined, {
          Front: 'export const handler = () => { throw new Error("no"); };',
          Back: BACK,
          Tick: TICK,
        }),
      /Sample-Front failed at the start: Error: no/,
    ],
    [
      'a schedule is no rate',
      () => {
        const declared = resources();
        const { Properties } = declared['Schedule'] as Resource;
        Object.assign(Properties ?? {}, { ScheduleExpression: 'cron(0 9 * * ? *)' });
        return start(declared);
      },
      /Schedule: only rates/,
    ],
  ])('because %s leaves nothing behind', async (_, attempt, message) => {
    await expect(attempt()).rejects.toThrow(message);

    // Port, directory and emulators are free again.
    await start();
  });

  it('does not take a directory that another one has', async () => {
    await start();

    await expect(start()).rejects.toThrow(/in use/);
  });

  it('does not synthesize when the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const synthesize = vi.fn();

    await expect(start(undefined, undefined, { port, synthesize })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });

    expect(synthesize).not.toHaveBeenCalled();
    other.close();
  });
});
