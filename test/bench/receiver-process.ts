/** The outside world of a benchmark: an HTTP server in a process of its own that notes when each call arrived. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RECEIVER_HOSTS } from '#test/bench/receiver-hosts';
import { monotonicMs } from '#test/bench/statistics';

/** From the benchmark. */
export type ToReceiver =
  /** Tell when this many different calls have arrived since the last `take`. */
  | { readonly type: 'expect'; readonly calls: number }
  /** Give what arrived, and forget it. */
  | { readonly type: 'take' };

/** To the benchmark. Times are of the shared monotonic clock. */
export type FromReceiver =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'complete' }
  | {
      readonly type: 'taken';
      /** `Idempotency-Key` (`<run id>:<step path>`) and the time of its first arrival, in order of arrival. */
      readonly arrivals: readonly (readonly [key: string, at: number])[];
      /** Calls whose key had arrived before. */
      readonly repeated: number;
      /** Calls without a key. */
      readonly unnamed: number;
    };

const ANSWER = Buffer.from('{"ok":true,"n":1}');
const HEADERS = { 'content-type': 'application/json', 'content-length': ANSWER.length };

let arrivals = new Map<string, number>();
let repeated = 0;
let unnamed = 0;
let expected = Number.POSITIVE_INFINITY;

const [first, second] = RECEIVER_HOSTS.map(() => {
  const server = createServer((request, response) => {
    const at = monotonicMs();
    note(request.headers['idempotency-key'], at);
    request.resume();
    response.writeHead(200, HEADERS).end(ANSWER);
  });
  server.keepAliveTimeout = 60_000;
  return server;
});
first?.listen(0, RECEIVER_HOSTS[0], () => {
  const { port } = first.address() as AddressInfo;
  second?.listen(port, RECEIVER_HOSTS[1], () => send({ type: 'listening', port }));
});

process.on('message', (message: ToReceiver) => {
  if (message.type === 'expect') expect(message.calls);
  else take();
});
// The benchmark is gone, however it ended.
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole group; the benchmark says when this ends.
process.on('SIGINT', () => undefined);

function note(key: string | string[] | undefined, at: number): void {
  if (typeof key !== 'string') {
    unnamed += 1;
  } else if (arrivals.has(key)) {
    repeated += 1;
  } else {
    arrivals.set(key, at);
    if (arrivals.size === expected) send({ type: 'complete' });
  }
}

function expect(calls: number): void {
  expected = calls;
  if (arrivals.size >= calls) send({ type: 'complete' });
}

function take(): void {
  send({ type: 'taken', arrivals: [...arrivals], repeated, unnamed });
  arrivals = new Map();
  repeated = 0;
  unnamed = 0;
  expected = Number.POSITIVE_INFINITY;
}

function send(message: FromReceiver): void {
  process.send?.(message);
}
