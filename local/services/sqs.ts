import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { QueueClient, QueueMessage } from '#local/queues/client';
import { startPrivateServer } from '#local/services/private-server';
import { openBroker } from '#local/services/sqs/broker';
import { SqsError } from '#local/services/sqs/errors';
import { OPERATIONS } from '#local/services/sqs/operations';
import type { Place } from '#local/types';

/** A running SQS. */
export type Sqs = {
  /** Base URL for SDK clients. */
  readonly endpoint: string;
  /** A client in this process, which costs no HTTP. */
  client(): QueueClient;
  /** Calls an operation from this process. @throws SqsError when it is refused. */
  call(operation: string, input: object): Promise<object>;
  close(): Promise<void>;
};

/**
 * Start standard queues on a loopback port, kept in `sqs.sqlite`. All acknowledged sends and deletes survive a
 * kill of this process.
 *
 * @param options.dataDir directory of the file, which exists.
 */
export async function startSqs(options: Place & { readonly dataDir: string }): Promise<Sqs> {
  const broker = openBroker(join(options.dataDir, 'sqs.sqlite'), {
    accountId: options.accountId,
    region: options.region,
  });
  const call = (operation: string, input: object, signal?: AbortSignal) => {
    const run = OPERATIONS[operation];
    if (!run) throw new SqsError('UnsupportedOperation', `${operation} is not available here.`);
    return run(broker, { ...input }, signal);
  };
  const server = await startPrivateServer((request, response) => {
    void answer(request, response, call);
  });
  return {
    endpoint: server.endpoint,
    client: () => openClient(call),
    call: async (operation, input) => call(operation, input),
    async close() {
      broker.close();
      await server.close();
    },
  };
}

type CallOperation = (
  operation: string,
  input: object,
  signal?: AbortSignal,
) => Record<string, unknown> | Promise<Record<string, unknown>>;

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  call: CallOperation,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  try {
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.');
    const input = JSON.parse(await bodyOf(request));
    send(response, 200, await call(operation, input, gone.signal));
  } catch (error) {
    if (error instanceof SqsError) {
      response.setHeader('x-amzn-query-error', `${error.queryCode};Sender`);
      const { code, message } = error;
      send(response, 400, { __type: `com.amazonaws.sqs#${code}`, message });
    } else {
      console.error('a queue request failed', error);
      send(response, 500, { __type: 'com.amazonaws.sqs#InternalFailure', message: 'Internal' });
    }
  }
}

function send(response: ServerResponse, status: number, output: object): void {
  const body = JSON.stringify(output);
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

function bodyOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => resolve(body));
    request.on('error', reject);
  });
}

function openClient(run: CallOperation): QueueClient {
  const closed = new AbortController();
  const requests: Record<string, number> = {};
  const call: CallOperation = (operation, input, signal) => {
    requests[operation] = (requests[operation] ?? 0) + 1;
    return run(operation, input, signal);
  };
  return {
    async receive(QueueUrl, limit, waitSeconds) {
      const input = {
        QueueUrl,
        MaxNumberOfMessages: limit,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      };
      const { Messages = [] } = await call('ReceiveMessage', input, closed.signal);
      return Messages as QueueMessage[];
    },
    async deleteBatch(QueueUrl, receiptHandles) {
      const Entries = receiptHandles.map((ReceiptHandle, index) => ({
        Id: String(index),
        ReceiptHandle,
      }));
      await call('DeleteMessageBatch', { QueueUrl, Entries });
    },
    async changeVisibility(QueueUrl, ReceiptHandle, VisibilityTimeout) {
      await call('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout });
    },
    counters: () => ({ ...requests }),
    close: () => closed.abort(),
  };
}
