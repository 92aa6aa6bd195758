import { connect, type Socket } from 'node:net';

/**
 * HTTP/1.1 over kept-alive loopback sockets, for emulators that answer every POST with a Content-Length.
 *
 * Hand-written because one call is most of what a run costs on one machine: measured, an SDK call through it takes
 * half the CPU of `node:http` and a fifth less than undici's dispatch. Nothing outside `local/` may use it.
 */
export type Transport = {
  /** @throws Error with a `code` the SDK retries (`ECONNRESET`, `ECONNREFUSED`, …) or named `AbortError`, `TimeoutError`. */
  post(headers: string, body: Uint8Array | string, signal?: AbortSignal): Promise<Answer>;
  close(): void;
};

/** An answer; header names are lower case. */
type Answer = {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
};

// Longer than the longest long poll (20 s).
const SILENCE_LIMIT_MS = 30_000;
const END_OF_HEAD = Buffer.from('\r\n\r\n');

type Pending = { resolve(answer: Answer): void; reject(error: Error): void };

type Connection = {
  readonly socket: Socket;
  pending: Pending | undefined;
  received: Buffer | undefined;
  head: { status: number; headers: Record<string, string>; start: number; end: number } | undefined;
};

/**
 * @param endpoint `http://host:port` of an emulator.
 * @param fixedHeaders header lines sent with every request, each ending in CRLF.
 */
export function openTransport(endpoint: string, fixedHeaders: string): Transport {
  const { hostname, port, host } = new URL(endpoint);
  const requestStart = `POST / HTTP/1.1\r\nHost: ${host}\r\n${fixedHeaders}`;
  const idle: Connection[] = [];
  const all = new Set<Connection>();

  function open(): Connection {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const connection: Connection = {
      socket,
      pending: undefined,
      received: undefined,
      head: undefined,
    };
    all.add(connection);
    socket.setTimeout(SILENCE_LIMIT_MS, () => {
      fail(connection, named('TimeoutError', `${endpoint} was silent for ${SILENCE_LIMIT_MS} ms`));
    });
    socket.on('data', (chunk) => receive(connection, chunk));
    socket.on('error', (error) => fail(connection, error));
    socket.on('close', () => fail(connection, coded('ECONNRESET', `${endpoint} hung up`)));
    return connection;
  }

  function discard(connection: Connection): void {
    all.delete(connection);
    const place = idle.indexOf(connection);
    if (place >= 0) idle.splice(place, 1);
    connection.socket.destroy();
  }

  function fail(connection: Connection, error: Error): void {
    discard(connection);
    const { pending } = connection;
    connection.pending = undefined;
    pending?.reject(error);
  }

  function receive(connection: Connection, chunk: Buffer): void {
    const bytes = connection.received ? Buffer.concat([connection.received, chunk]) : chunk;
    connection.received = bytes;
    connection.head ??= parseHead(bytes);
    const { head, pending } = connection;
    if (!head || bytes.length < head.end) return;
    if (Number.isNaN(head.end) || !pending || bytes.length > head.end) {
      fail(connection, coded('ECONNRESET', `${endpoint} sent an answer that is not understood`));
      return;
    }
    connection.pending = undefined;
    connection.received = undefined;
    connection.head = undefined;
    if (head.headers['connection'] === 'close') discard(connection);
    else rest(connection);
    pending.resolve({
      status: head.status,
      headers: head.headers,
      body: bytes.subarray(head.start, head.end),
    });
  }

  function rest(connection: Connection): void {
    connection.socket.unref();
    idle.push(connection);
  }

  return {
    post(headers, body, signal) {
      return new Promise((resolve, reject) => {
        const connection = idle.pop() ?? open();
        connection.socket.ref();
        connection.pending = { resolve, reject };
        if (signal) connection.pending = abortable(connection.pending, signal, connection, fail);
        write(connection.socket, `${requestStart}${headers}`, body);
      });
    },
    close() {
      for (const connection of all)
        fail(connection, named('AbortError', 'The transport is closed'));
    },
  };
}

function abortable(
  pending: Pending,
  signal: AbortSignal,
  connection: Connection,
  fail: (connection: Connection, error: Error) => void,
): Pending {
  const abort = () => fail(connection, named('AbortError', 'Request aborted'));
  if (signal.aborted) queueMicrotask(abort);
  signal.addEventListener('abort', abort, { once: true });
  const settled = () => signal.removeEventListener('abort', abort);
  return {
    resolve(answer) {
      settled();
      pending.resolve(answer);
    },
    reject(error) {
      settled();
      pending.reject(error);
    },
  };
}

/** One `write` where possible: each is a system call and, on loopback, a wake-up of the other side. */
function write(socket: Socket, head: string, body: Uint8Array | string): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const start = `${head}content-length: ${bytes.byteLength}\r\n\r\n`;
  const message = Buffer.allocUnsafe(start.length + bytes.byteLength);
  message.write(start, 'latin1');
  message.set(bytes, start.length);
  socket.write(message);
}

/** `end` is NaN when the length is not given, which fails the connection. */
function parseHead(bytes: Buffer): Connection['head'] {
  const length = bytes.indexOf(END_OF_HEAD);
  if (length < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, length).split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const start = length + END_OF_HEAD.length;
  const end = start + Number(headers['content-length'] ?? Number.NaN);
  return { status: Number(statusLine.slice(9, 12)), headers, start, end };
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
