import { createHash } from 'node:crypto';
import type { Broker, NewMessage } from '#local/services/sqs/broker';
import { invalid, noQueue, SqsError } from '#local/services/sqs/errors';
import type { Message } from '#local/services/sqs/queue';

type Input = Readonly<Record<string, unknown>>;
type Output = Record<string, unknown>;
type Operation = (broker: Broker, input: Input, signal?: AbortSignal) => Output | Promise<Output>;

const MAX_BATCH = 10;
// All of Unicode that XML 1.0 can carry, which SQS still promises.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const IMPOSSIBLE_CHARACTER = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/;

/** SQS's API for standard queues, by operation. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  async CreateQueue(broker, input) {
    const name = String(input['QueueName']);
    if (name.endsWith('.fifo')) throw invalid('QueueName', 'FIFO queues do not run here');
    await broker.configure(name, (input['Attributes'] ?? {}) as Record<string, string>);
    return { QueueUrl: urlOf(broker, name) };
  },
  GetQueueUrl(broker, input) {
    const name = String(input['QueueName']);
    broker.attributes(name);
    return { QueueUrl: urlOf(broker, name) };
  },
  ListQueues(broker, input) {
    const prefix = String(input['QueueNamePrefix'] ?? '');
    const names = [...broker.names].filter((name) => name.startsWith(prefix));
    return { QueueUrls: names.map((name) => urlOf(broker, name)) };
  },
  GetQueueAttributes(broker, input) {
    const name = queueName(input);
    const all = {
      ...broker.attributes(name),
      ...counted(broker, name),
      QueueArn: broker.arn(name),
    };
    const wanted = (input['AttributeNames'] ?? []) as string[];
    const chosen = Object.entries(all).filter(
      ([key]) => wanted.includes('All') || wanted.includes(key),
    );
    return { Attributes: Object.fromEntries(chosen) };
  },
  async SetQueueAttributes(broker, input) {
    const name = queueName(input);
    broker.attributes(name);
    await broker.configure(name, (input['Attributes'] ?? {}) as Record<string, string>);
    return {};
  },
  async SendMessage(broker, input) {
    const name = queueName(input);
    const message = newMessage(broker, name, input);
    const [sent] = await broker.send(name, [message]);
    return sent ? sentOutput(sent) : {};
  },
  async SendMessageBatch(broker, input) {
    const name = queueName(input);
    const entries = batch(input);
    const sent = await broker.send(
      name,
      entries.map((entry) => newMessage(broker, name, entry)),
    );
    const successful = sent.map((message, index) => ({
      Id: entries[index]?.['Id'],
      ...sentOutput(message),
    }));
    return { Successful: successful, Failed: [] };
  },
  async ReceiveMessage(broker, input, signal) {
    const name = queueName(input);
    const attributes = broker.attributes(name);
    const messages = await broker.receive(name, {
      limit: number(input, 'MaxNumberOfMessages', 1, 1, 10),
      visibilitySeconds: optionalNumber(input, 'VisibilityTimeout', 0, 43_200),
      waitSeconds: number(
        input,
        'WaitTimeSeconds',
        Number(attributes['ReceiveMessageWaitTimeSeconds']),
        0,
        20,
      ),
      ...(signal ? { signal } : {}),
    });
    return messages.length > 0
      ? { Messages: messages.map((message) => receivedOutput(broker, message, input)) }
      : {};
  },
  async DeleteMessage(broker, input) {
    await broker.remove(queueName(input), [receiptHandle(input)]);
    return {};
  },
  async DeleteMessageBatch(broker, input) {
    const entries = batch(input);
    await broker.remove(queueName(input), entries.map(receiptHandle));
    return { Successful: entries.map(({ Id }) => ({ Id })), Failed: [] };
  },
  ChangeMessageVisibility(broker, input) {
    const seconds = number(input, 'VisibilityTimeout', Number.NaN, 0, 43_200);
    if (broker.hide(queueName(input), receiptHandle(input), seconds)) return {};
    throw new SqsError(
      'MessageNotInflight',
      'The message referred to is not in flight.',
      'AWS.SimpleQueueService.MessageNotInflight',
    );
  },
  ChangeMessageVisibilityBatch(broker, input) {
    const name = queueName(input);
    const results = batch(input).map((entry) => {
      const seconds = number(entry, 'VisibilityTimeout', Number.NaN, 0, 43_200);
      return { Id: entry['Id'], changed: broker.hide(name, receiptHandle(entry), seconds) };
    });
    const notInFlight = { Code: 'AWS.SimpleQueueService.MessageNotInflight', SenderFault: true };
    return {
      Successful: results.filter(({ changed }) => changed).map(({ Id }) => ({ Id })),
      Failed: results.filter(({ changed }) => !changed).map(({ Id }) => ({ Id, ...notInFlight })),
    };
  },
  async StartMessageMoveTask(broker, input) {
    const destination = input['DestinationArn'];
    await broker.redrive(
      lastPart(String(input['SourceArn']), ':'),
      typeof destination === 'string' ? lastPart(destination, ':') : undefined,
    );
    return { TaskHandle: 'done' };
  },
};

function newMessage(broker: Broker, queue: string, input: Input): NewMessage {
  const body = input['MessageBody'];
  if (typeof body !== 'string' || body === '') {
    throw new SqsError('MissingParameter', 'The request must contain the parameter MessageBody.');
  }
  if (IMPOSSIBLE_CHARACTER.test(body)) {
    throw new SqsError(
      'InvalidMessageContents',
      'The message contains characters outside the allowed set.',
    );
  }
  const attributes = input['MessageAttributes'];
  const json = attributes === undefined ? undefined : JSON.stringify(attributes);
  const most = Number(broker.attributes(queue)['MaximumMessageSize']);
  if (Buffer.byteLength(body) + Buffer.byteLength(json ?? '') > most) {
    throw invalid('MessageBody', `Message must be shorter than ${most} bytes`);
  }
  const groupId = input['MessageGroupId'];
  return {
    body,
    groupId: typeof groupId === 'string' ? groupId : undefined,
    attributes: json,
    delaySeconds: optionalNumber(input, 'DelaySeconds', 0, 900),
  };
}

function sentOutput({ messageId, body }: Message): Output {
  return { MessageId: messageId, MD5OfMessageBody: md5(body) };
}

function receivedOutput(broker: Broker, message: Message, input: Input): Output {
  const wanted = [input['MessageSystemAttributeNames'] ?? [], input['AttributeNames'] ?? []].flat();
  const system = Object.entries(systemAttributes(message, broker.accountId)).filter(
    ([key]) => wanted.includes('All') || wanted.includes(key),
  );
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: md5(message.body),
    ...(system.length > 0 && { Attributes: Object.fromEntries(system) }),
    ...(message.attributes !== null &&
      input['MessageAttributeNames'] !== undefined && {
        MessageAttributes: JSON.parse(message.attributes),
      }),
  };
}

function systemAttributes(message: Message, accountId: string): Record<string, string> {
  return {
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ApproximateReceiveCount: String(message.receiveCount),
    SenderId: accountId,
    SentTimestamp: String(message.sentAt),
    ...(message.groupId !== '' && { MessageGroupId: message.groupId }),
    ...(message.sourceArn !== null && { DeadLetterQueueSourceArn: message.sourceArn }),
  };
}

function counted(broker: Broker, name: string): Record<string, string> {
  const { ready, inFlight, delayed } = broker.counts(name);
  return {
    ApproximateNumberOfMessages: String(ready),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
  };
}

function batch(input: Input): Input[] {
  const entries = (input['Entries'] ?? []) as Input[];
  if (entries.length === 0) throw new SqsError('EmptyBatchRequest', 'The batch has no entries.');
  if (entries.length > MAX_BATCH) {
    throw new SqsError('TooManyEntriesInBatchRequest', `A batch has at most ${MAX_BATCH} entries.`);
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw new SqsError('BatchEntryIdsNotDistinct', 'Two entries of the batch have the same Id.');
  }
  return entries;
}

function queueName(input: Input): string {
  const url = input['QueueUrl'];
  if (typeof url !== 'string') throw noQueue();
  return lastPart(url, '/');
}

function receiptHandle(input: Input): string {
  const handle = input['ReceiptHandle'];
  if (typeof handle === 'string' && handle !== '') return handle;
  throw new SqsError('MissingParameter', 'The request must contain the parameter ReceiptHandle.');
}

function number(
  input: Input,
  name: string,
  otherwise: number,
  least: number,
  most: number,
): number {
  const value = Number(input[name] ?? otherwise);
  if (value >= least && value <= most) return value;
  throw invalid(name, `Must be between ${least} and ${most}`);
}

function optionalNumber(input: Input, name: string, least: number, most: number) {
  return input[name] === undefined ? undefined : number(input, name, 0, least, most);
}

function urlOf(broker: Broker, name: string): string {
  return `https://sqs.${broker.region}.amazonaws.com/${broker.accountId}/${name}`;
}

function lastPart(text: string, separator: string): string {
  return text.slice(text.lastIndexOf(separator) + 1);
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
