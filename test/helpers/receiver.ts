import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';
import { eventually } from '#test/helpers/eventually';

/** A request that the receiver got. */
export type Received = {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body as it came. */
  readonly bytes: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: the body as JSON of any shape; undefined when it is not JSON.
  readonly json: any;
  /** Epoch milliseconds. */
  readonly at: number;
};

/** What the receiver answers; JSON unless `body` is text or bytes. */
export type ReceiverAnswer = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/** The outside world of a test: an HTTP server that remembers what it got. */
export type Receiver = {
  readonly url: string;
  readonly port: number;
  /** In the order of their arrival. */
  readonly requests: readonly Received[];
  /** Says what is answered from now on. A promise that is settled late is a slow answer. */
  answer(how: (request: Received) => ReceiverAnswer | Promise<ReceiverAnswer>): void;
  /** Waits until `count` requests came to a path, and gives them. */
  got(path: string, count?: number, seconds?: number): Promise<readonly Received[]>;
};

/** Starts a receiver on a loopback port; it ends with the test file. */
export async function startReceiver(): Promise<Receiver> {
  const requests: Received[] = [];
  let respond: Parameters<Receiver['answer']>[0] = () => ({ body: { ok: true } });
  const server = createServer(async (message, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const body = bytes.toString('utf8');
    const received: Received = {
      method: message.method ?? '',
      path: message.url ?? '',
      headers: message.headers,
      body,
      bytes,
      json: parse(body),
      at: Date.now(),
    };
    requests.push(received);
    const answer = await respond(received);
    const isText = typeof answer.body === 'string';
    const isRaw = isText || Buffer.isBuffer(answer.body);
    response.writeHead(answer.status ?? 200, {
      'content-type': isText ? 'text/plain' : 'application/json',
      ...answer.headers,
    });
    response.end(isRaw ? answer.body : JSON.stringify(answer.body ?? null));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    answer(how) {
      respond = how;
    },
    got: (path, count = 1, seconds = 15) =>
      eventually(() => {
        const there = requests.filter((request) => request.path === path);
        if (there.length < count) throw new Error(`${there.length} of ${count} came to ${path}`);
        return there;
      }, seconds),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
