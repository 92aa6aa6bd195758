import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InvocationResult } from '#local/lambda/protocol';
import type { QueueClient } from '#local/queues/client';
import { type EventSource, startEventSource } from '#local/queues/event-source';
import type { QueueMapping } from '#local/queues/mappings';
import { type Sqs, startSqs } from '#local/services/sqs';
import { temporaryDirectory } from '#test/helpers/directories';

type Delivery = {
  readonly records: {
    readonly messageId: string;
    readonly body: string;
    readonly attributes: Record<string, string>;
  }[];
  readonly isolated: boolean;
  answer(value: unknown): void;
  crash(): void;
};

let emulator: Sqs;
let queue: QueueClient;
let source: EventSource | undefined;
let deliveries: Delivery[];
let name = 0;
let queueUrl: string;
let inFlight: number;
let mostInFlight: number;
const onError = vi.fn();

beforeAll(async () => {
  const dataDir = temporaryDirectory();
  emulator = await startSqs({ accountId: '000000000000', region: 'us-east-1', dataDir });
});
afterAll(() => emulator.close());

beforeEach(async () => {
  deliveries = [];
  inFlight = 0;
  mostInFlight = 0;
  onError.mockClear();
  queue = emulator.client();
  const answer = await sqs('CreateQueue', {
    QueueName: `queue-${++name}`,
    Attributes: { VisibilityTimeout: '600' },
  });
  queueUrl = String(answer['QueueUrl']);
});
afterEach(async () => {
  for (const delivery of deliveries) delivery.answer(null);
  await source?.stop();
  queue.close();
});

async function sqs(operation: string, input: object): Promise<Record<string, unknown>> {
  const response = await fetch(emulator.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${operation}`,
    },
    body: JSON.stringify(input),
  });
  return (await response.json()) as Record<string, unknown>;
}

async function enqueue(...bodies: string[]): Promise<void> {
  for (const MessageBody of bodies) {
    await sqs('SendMessage', {
      QueueUrl: queueUrl,
      MessageBody,
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'test' } },
    });
  }
}

async function counts(): Promise<unknown> {
  const { Attributes } = await sqs('GetQueueAttributes', {
    QueueUrl: queueUrl,
    AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
  });
  return Object.values(Attributes as object);
}

function start(changes: Partial<QueueMapping> = {}, onDelivery?: (delivery: Delivery) => void) {
  const mapping: QueueMapping = {
    logicalId: 'Mapping',
    functionName: 'sample',
    queueUrl,
    queueArn: 'arn:aws:sqs:us-east-1:000000000000:queue',
    batchSize: 1,
    maximumConcurrency: 10,
    reportsBatchItemFailures: true,
    ...changes,
  };
  source = startEventSource(mapping, {
    queue,
    region: 'us-east-1',
    onError,
    invoke(_, payload, { isolated }) {
      inFlight += 1;
      mostInFlight = Math.max(mostInFlight, inFlight);
      const { promise, resolve } = Promise.withResolvers<InvocationResult>();
      const settle = (result: InvocationResult) => {
        if (result) inFlight -= 1;
        resolve(result);
      };
      const delivery: Delivery = {
        records: JSON.parse(payload).Records,
        isolated,
        answer: (value) => settle({ status: 'succeeded', payload: JSON.stringify(value) }),
        crash: () =>
          settle({ status: 'failed', error: { errorType: 'Runtime.ExitError', errorMessage: '' } }),
      };
      deliveries.push(delivery);
      onDelivery?.(delivery);
      return promise;
    },
  });
}

const bodies = () => deliveries.map(({ records }) => records.map(({ body }) => body));
const succeed = (delivery: Delivery) => delivery.answer({ batchItemFailures: [] });

describe('a message', () => {
  it("arrives as Lambda's event has it, and is deleted when the function succeeded", async () => {
    start({}, succeed);
    await enqueue('hello');
    await vi.waitFor(() => expect(deliveries).toHaveLength(1));

    expect(deliveries[0]?.records).toEqual([
      {
        messageId: expect.any(String),
        receiptHandle: expect.any(String),
        body: 'hello',
        attributes: {
          ApproximateReceiveCount: '1',
          ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          SentTimestamp: expect.stringMatching(/^\d{13}$/),
          SenderId: '000000000000',
        },
        messageAttributes: {
          kind: {
            stringValue: 'test',
            stringListValues: [],
            binaryListValues: [],
            dataType: 'String',
          },
        },
        md5OfBody: '5d41402abc4b2a76b9719d911017c592',
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:queue',
        awsRegion: 'us-east-1',
      },
    ]);
    await vi.waitFor(async () => expect(await counts()).toEqual(['0', '0']));
  });

  it('stays in the queue while it is worked on', async () => {
    start();
    await enqueue('slow');
    await vi.waitFor(() => expect(deliveries).toHaveLength(1));

    expect(await counts()).toEqual(['0', '1']);
  });

  it.each([
    ['crashes', (delivery: Delivery) => delivery.crash()],
    [
      'reports it as failed',
      ({ answer, records: [record] }: Delivery) =>
        answer({ batchItemFailures: [{ itemIdentifier: record?.messageId }] }),
    ],
    [
      'reports something unknown as failed',
      ({ answer }: Delivery) => answer({ batchItemFailures: [{ itemIdentifier: 'other' }] }),
    ],
  ])('comes again within about a second, by itself, when the function %s', async (_, fail) => {
    start({}, (delivery) => (deliveries.length === 1 ? fail(delivery) : succeed(delivery)));
    await enqueue('again');

    await vi.waitFor(() => expect(deliveries).toHaveLength(2), { timeout: 3_000 });

    expect(deliveries.map(({ isolated }) => isolated)).toEqual([false, true]);
    expect(deliveries[1]?.records[0]?.attributes['ApproximateReceiveCount']).toBe('2');
    await vi.waitFor(async () => expect(await counts()).toEqual(['0', '0']));
  });

  it.each([[null], [{}], [{ batchItemFailures: null }], ['done']])(
    'is done when the function answers %j',
    async (answer) => {
      start({}, (delivery) => delivery.answer(answer));
      await enqueue('done');

      await vi.waitFor(async () => {
        expect(deliveries).toHaveLength(1);
        expect(await counts()).toEqual(['0', '0']);
      });
    },
  );
});

describe('many messages', () => {
  it('are never worked on by more invocations at once than the mapping says', async () => {
    await enqueue(...Array.from({ length: 12 }, (_, index) => String(index)));
    start({ maximumConcurrency: 3 }, (delivery) => setTimeout(() => succeed(delivery), 5));

    await vi.waitFor(() => expect(deliveries).toHaveLength(12));

    expect(mostInFlight).toBe(3);
  });

  it('are delivered in batches, of which only the failed part comes again, one by one', async () => {
    await enqueue('a', 'b', 'c');
    start({ batchSize: 10 }, ({ records, answer }) => {
      const isFirst = records.length > 1;
      const failed = isFirst ? records.filter(({ body }) => body !== 'b') : [];
      answer({ batchItemFailures: failed.map((record) => ({ itemIdentifier: record.messageId })) });
    });

    await vi.waitFor(() => expect(deliveries).toHaveLength(3), { timeout: 3_000 });

    expect(bodies().toSorted()).toEqual([['a'], ['a', 'b', 'c'], ['c']]);
  });

  it('are all deleted without ReportBatchItemFailures, whatever the answer names', async () => {
    await enqueue('a', 'b');
    start({ batchSize: 10, reportsBatchItemFailures: false }, ({ records, answer }) =>
      answer({ batchItemFailures: [{ itemIdentifier: records[0]?.messageId }] }),
    );

    await vi.waitFor(async () => {
      expect(deliveries).toHaveLength(1);
      expect(await counts()).toEqual(['0', '0']);
    });
  });
});

describe('stopping', () => {
  it('waits for what is under way, and takes nothing more', async () => {
    start();
    await enqueue('first');
    await vi.waitFor(() => expect(deliveries).toHaveLength(1));

    const stopped = source?.stop();
    await enqueue('second');
    deliveries[0]?.answer(null);
    await stopped;

    expect(bodies()).toEqual([['first']]);
    queue.close();
    expect(onError).not.toHaveBeenCalled();
  });
});

it('says so when the queue cannot be asked, and goes on', async () => {
  const missing = queueUrl.replace(/[^/]+$/, 'made-later');
  queueUrl = missing;
  start({}, succeed);
  await vi.waitFor(() => expect(onError).toHaveBeenCalledWith(expect.stringContaining(missing)));

  await sqs('CreateQueue', { QueueName: 'made-later' });
  await enqueue('late');

  await vi.waitFor(() => expect(bodies()).toEqual([['late']]), { timeout: 3_000 });
});
