import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startSqs } from '#local/services/sqs';
import { createQueue } from '#local/services/sqs/queue';
import { temporaryDirectory } from '#test/helpers/directories';
import { eventually } from '#test/helpers/eventually';
import { PLACE } from './small-stack.ts';

type Server = { endpoint: string; close(): Promise<void> };
const directory = temporaryDirectory();

const servers: Record<string, () => Promise<Server>> = {
  ours: () => startSqs({ ...PLACE, dataDir: directory }),
  // Another emulator's reading of SQS: what both do is not our own invention.
  fauxqs: async () => {
    const { port, stop } = await startFauxqs({ port: 0, logger: false, host: 'localhost' });
    return { endpoint: `http://127.0.0.1:${port}`, close: () => stop() };
  },
};

function queueClient(endpoint: string): SQSClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new SQSClient({
    endpoint,
    region: PLACE.region,
    credentials,
    useQueueUrlAsEndpoint: false,
  });
}

let made = 0;

/** A new queue, and the calls that the tests make of it. */
async function newQueue(sqs: SQSClient, attributes: Record<string, string> = {}) {
  made += 1;
  const QueueName = `queue-${made}`;
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName, Attributes: attributes }),
  );
  const receive = async (options: object = {}): Promise<Message[]> => {
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MessageSystemAttributeNames: ['All'],
      ...options,
    });
    return (await sqs.send(command)).Messages ?? [];
  };
  return {
    QueueUrl,
    arn: `arn:aws:sqs:us-east-1:000000000000:${QueueName}`,
    receive,
    send: (MessageBody: string, options: object = {}) =>
      sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...options })),
    remove: (message: Message | undefined) =>
      sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle })),
    hide: (message: Message | undefined, VisibilityTimeout: number) =>
      sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl,
          ReceiptHandle: message?.ReceiptHandle,
          VisibilityTimeout,
        }),
      ),
    counts: async () => {
      const AttributeNames = ['All' as const];
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames }),
      );
      return [
        Attributes['ApproximateNumberOfMessages'],
        Attributes['ApproximateNumberOfMessagesNotVisible'],
        Attributes['ApproximateNumberOfMessagesDelayed'],
      ].map(Number);
    },
  };
}

type Given = Parameters<ReturnType<typeof createQueue>['remove']>[0];

const messageOf = (id: number, groupId: string) => ({
  id,
  messageId: String(id),
  body: '',
  groupId,
  attributes: null,
  sentAt: 0,
  receiveCount: 0,
  firstReceivedAt: null,
  sourceArn: null,
});
const bodies = (messages: readonly Message[]) => messages.map(({ Body }) => Body);

describe.each(Object.keys(servers))('a standard queue (%s)', (name) => {
  let server: Server;
  let sqs: SQSClient;
  beforeAll(async () => {
    server = (await servers[name]?.()) as Server;
    sqs = queueClient(server.endpoint);
  });
  afterAll(() => server.close());

  it('hides what was received, and gives it again when it was not deleted', async () => {
    const queue = await newQueue(sqs, { VisibilityTimeout: '1' });
    await queue.send('work');

    const [first] = await queue.receive();
    const hidden = await queue.receive();
    const [second] = await queue.receive({ WaitTimeSeconds: 3 });

    expect(first).toMatchObject({ Body: 'work', Attributes: { ApproximateReceiveCount: '1' } });
    expect(hidden).toEqual([]);
    expect(second).toMatchObject({ Body: 'work', Attributes: { ApproximateReceiveCount: '2' } });
    expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
  });

  it('forgets what was deleted', async () => {
    const queue = await newQueue(sqs, { VisibilityTimeout: '0' });
    await queue.send('work');
    await queue.remove((await queue.receive({ VisibilityTimeout: 30 }))[0]);
    expect(await queue.counts()).toEqual([0, 0, 0]);
  });

  it('gives back at once what is made visible', async () => {
    const queue = await newQueue(sqs);
    await queue.send('work');
    await queue.hide((await queue.receive())[0], 0);
    expect(bodies(await queue.receive())).toEqual(['work']);
  });

  it('hides for longer on a heartbeat', async () => {
    const queue = await newQueue(sqs);
    await queue.send('work');
    await queue.hide((await queue.receive({ VisibilityTimeout: 1 }))[0], 30);
    expect(await queue.receive({ WaitTimeSeconds: 2 })).toEqual([]);
  });

  it('wakes a long poll as soon as a message comes', async () => {
    const queue = await newQueue(sqs);
    const waiting = queue.receive({ WaitTimeSeconds: 20 });
    const sentAt = Date.now();
    await queue.send('work');
    expect(bodies(await waiting)).toEqual(['work']);
    expect(Date.now() - sentAt).toBeLessThan(5_000);
  });

  it('delays a message', async () => {
    const queue = await newQueue(sqs);
    await queue.send('work', { DelaySeconds: 1 });
    expect(await queue.receive()).toEqual([]);
    expect(await queue.counts()).toEqual([0, 0, 1]);
    expect(bodies(await queue.receive({ WaitTimeSeconds: 3 }))).toEqual(['work']);
  });

  it('moves to the dead-letter queue what was received too often', async () => {
    const dead = await newQueue(sqs);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 });
    const queue = await newQueue(sqs, { RedrivePolicy });
    await queue.send('poison');

    await queue.hide((await queue.receive())[0], 0);
    await queue.hide((await queue.receive())[0], 0);

    expect(await queue.receive()).toEqual([]);
    expect(bodies(await dead.receive({ WaitTimeSeconds: 1 }))).toEqual(['poison']);
    expect(await queue.counts()).toEqual([0, 0, 0]);
  });

  it('sends and deletes ten at a time', async () => {
    const { QueueUrl, receive, counts } = await newQueue(sqs);
    const Entries = Array.from({ length: 10 }, (_, i) => ({ Id: `${i}`, MessageBody: `m${i}` }));
    const sent = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    const received = await receive({ MaxNumberOfMessages: 10 });
    const handles = received.map(({ ReceiptHandle }, i) => ({ Id: `${i}`, ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: handles }));

    expect(sent.Successful).toHaveLength(10);
    expect(bodies(received).toSorted()).toEqual(Entries.map(({ MessageBody }) => MessageBody));
    expect(await counts()).toEqual([0, 0, 0]);
  });

  it.each([
    ['an empty body', { MessageBody: '' }, 'MissingParameter'],
    ['an impossible character', { MessageBody: '\u0001' }, 'InvalidMessageContents'],
    ['a body over 1 MiB', { MessageBody: 'x'.repeat(1_048_577) }, 'InvalidParameterValue'],
  ])('refuses %s', async (_, input, error) => {
    const { QueueUrl } = await newQueue(sqs, { MaximumMessageSize: '1048576' });
    const sent = sqs.send(new SendMessageCommand({ QueueUrl, ...input }));
    await expect(sent).rejects.toMatchObject({ name: expect.stringContaining(error) });
  });
});

describe('our queue', () => {
  it("serves users in turn: one user's flood does not keep another waiting", async () => {
    const { endpoint, close } = await startSqs({ ...PLACE, dataDir: directory });
    onTestFinished(close);
    const queue = await newQueue(queueClient(endpoint));
    for (let i = 0; i < 50; i += 1) await queue.send(`flood ${i}`, { MessageGroupId: 'a' });
    await queue.send('mine', { MessageGroupId: 'b' });

    const received = await queue.receive({ MaxNumberOfMessages: 2 });

    expect(bodies(received)).toEqual(['flood 0', 'mine']);
  });

  it("holds back a user's flood while much of it is in flight, and nobody else's", async () => {
    const { endpoint, close } = await startSqs({ ...PLACE, dataDir: directory });
    onTestFinished(close);
    const queue = await newQueue(queueClient(endpoint));
    for (let i = 0; i < 50; i += 1) await queue.send(`flood ${i}`, { MessageGroupId: 'a' });
    const received: Message[] = [];
    for (let call = 0; call < 4; call += 1) {
      received.push(...(await queue.receive({ MaxNumberOfMessages: 10 })));
    }
    expect(received.length).toBeLessThanOrEqual(25);

    await queue.send('mine', { MessageGroupId: 'b' });
    const other = await queue.receive({ MaxNumberOfMessages: 10 });
    expect(bodies(other)).toContain('mine');
  });

  describe('of a flood', () => {
    const onReady = vi.fn();
    function floodedQueue() {
      vi.useFakeTimers();
      onTestFinished(() => void vi.useRealTimers());
      const queue = createQueue(onReady);
      for (let id = 0; id < 100; id += 1) queue.add(messageOf(id, 'a'), 0);
      onReady.mockClear();
      const takeAll = () => {
        const taken = [];
        for (let next = queue.take(600_000); next; next = queue.take(600_000)) taken.push(next);
        return taken;
      };
      return { queue, takeAll };
    }

    it('gives out few while more of it come, so that those who send it are answered', () => {
      const { queue, takeAll } = floodedQueue();
      queue.remove(takeAll()[0] as Given);
      const [one] = takeAll();
      queue.add(messageOf(100, 'a'), 0);

      expect(takeAll()).toEqual([]);
      queue.remove(one as Given);
      expect(takeAll()).toHaveLength(1);
    });

    it('gives out as many as there are slots once no more come', () => {
      const { takeAll } = floodedQueue();
      const few = takeAll().length;
      expect(few).toBe(8);

      vi.advanceTimersByTime(101);

      expect(onReady).toHaveBeenCalled();
      expect(few + takeAll().length).toBe(25);
    });

    it('lets what is worked on for long hold nothing back', () => {
      const { takeAll } = floodedQueue();
      takeAll();
      vi.advanceTimersByTime(101);
      takeAll();
      expect(takeAll()).toEqual([]);
      onReady.mockClear();

      vi.advanceTimersByTime(1_001);

      expect(onReady).toHaveBeenCalled();
      expect(takeAll()).toHaveLength(25);
    });
  });

  it('sends dead letters back where they came from', async () => {
    const { endpoint, close } = await startSqs({ ...PLACE, dataDir: directory });
    onTestFinished(close);
    const sqs = queueClient(endpoint);
    const dead = await newQueue(sqs);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 });
    const queue = await newQueue(sqs, { RedrivePolicy });
    await queue.send('poison');
    await queue.hide((await queue.receive())[0], 0);
    await queue.receive();
    await eventually(async () => expect(await dead.counts()).toEqual([1, 0, 0]));

    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: dead.arn }));

    expect(bodies(await queue.receive())).toEqual(['poison']);
    expect(await dead.counts()).toEqual([0, 0, 0]);
  });

  it('lets a consumer delete late, as long as nobody else has the message', async () => {
    const { endpoint, close } = await startSqs({ ...PLACE, dataDir: directory });
    onTestFinished(close);
    const queue = await newQueue(queueClient(endpoint));
    await queue.send('work');
    const [late] = await queue.receive();
    await queue.hide(late, 0);

    await queue.remove(late);

    expect(await queue.counts()).toEqual([0, 0, 0]);
  });

  it('has everything after a restart, and what was in flight is ready again', async () => {
    const first = await startSqs({ ...PLACE, dataDir: directory });
    const before = await newQueue(queueClient(first.endpoint), { VisibilityTimeout: '3600' });
    for (const body of ['in flight', 'ready', 'deleted']) await before.send(body);
    await before.send('delayed', { DelaySeconds: 900 });
    const received = await before.receive({ MaxNumberOfMessages: 10 });
    await before.remove(received.find(({ Body }) => Body === 'deleted'));
    await before.hide(
      received.find(({ Body }) => Body === 'ready'),
      0,
    );
    await first.close();

    const second = await startSqs({ ...PLACE, dataDir: directory });
    onTestFinished(second.close);
    const sqs = queueClient(second.endpoint);
    const { QueueUrl } = before;
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
    );

    expect(Messages.map(({ Body, Attributes }) => [Body, Attributes])).toEqual([
      ['in flight', { ApproximateReceiveCount: '2' }],
      ['ready', { ApproximateReceiveCount: '2' }],
    ]);
  });

  it('does not give a message to a consumer that hung up', async () => {
    const { endpoint, close } = await startSqs({ ...PLACE, dataDir: directory });
    onTestFinished(close);
    const sqs = queueClient(endpoint);
    const queue = await newQueue(sqs);
    const controller = new AbortController();
    const { QueueUrl } = queue;
    const poll = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), {
      abortSignal: controller.signal,
    });
    controller.abort();
    await expect(poll).rejects.toThrow();
    await queue.send('work');

    expect(bodies(await queue.receive({ WaitTimeSeconds: 2 }))).toEqual(['work']);
  });
});
