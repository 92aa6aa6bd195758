import { randomUUID } from 'node:crypto';
import { monotonicMs } from '#local/clock';
import { failed, timeoutError } from '#local/lambda/failures';
import type { FunctionError, InvocationResult } from '#local/lambda/protocol';

/** An invocation that has just begun. */
type Begun = {
  readonly id: number;
  readonly requestId: string;
  /** When it times out, on the clock that nobody sets. */
  readonly deadline: number;
  readonly result: Promise<InvocationResult>;
};

/** The invocations that run in one environment. */
export type InFlight = {
  readonly size: number;
  begin(): Begun;
  /** Gives an invocation its result; nothing happens when it has timed out before. */
  settle(id: number, result: InvocationResult): void;
  /** Fails all that run. */
  failAll(error: (requestId: string) => FunctionError): void;
};

/** A machine that stood still hears its timers before the answers that were given in time. */
const ANSWER_ON_ITS_WAY_MS = 500;

type Invocation = {
  readonly requestId: string;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (result: InvocationResult) => void;
};

/**
 * @param timeoutMs after which an invocation fails.
 * @param events.onTimeout told after one has. @param events.onSettled told after each, whatever its result.
 */
export function createInFlight(
  timeoutMs: number,
  events: { onTimeout(): void; onSettled(): void },
): InFlight {
  const invocations = new Map<number, Invocation>();
  let nextId = 0;

  function settle(id: number, result: InvocationResult): void {
    const invocation = invocations.get(id);
    if (!invocation) return;
    invocations.delete(id);
    clearTimeout(invocation.timer);
    invocation.resolve(result);
    events.onSettled();
  }

  return {
    get size() {
      return invocations.size;
    },
    begin() {
      const id = nextId++;
      const requestId = randomUUID();
      const { promise, resolve } = Promise.withResolvers<InvocationResult>();
      const timer = setTimeout(() => {
        settle(id, failed(timeoutError(requestId, timeoutMs)));
        events.onTimeout();
      }, timeoutMs + ANSWER_ON_ITS_WAY_MS);
      invocations.set(id, { requestId, timer, resolve });
      return { id, requestId, deadline: monotonicMs() + timeoutMs, result: promise };
    },
    settle,
    failAll(error) {
      for (const [id, { requestId }] of invocations) settle(id, failed(error(requestId)));
    },
  };
}
