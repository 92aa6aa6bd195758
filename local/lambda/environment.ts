import { describeError, exitError, failed, timeoutError } from '#local/lambda/failures';
import { createInFlight } from '#local/lambda/in-flight';
import type {
  FromWorker,
  FunctionDefinition,
  FunctionError,
  InvocationResult,
  ToWorker,
} from '#local/lambda/protocol';
import { startThread } from '#local/lambda/thread';
import type { RecordedCall, RecordedMeasurement } from '#local/types';

/** How long a bundle may take to load before its environment is given up. */
const INIT_LIMIT_MS = 30_000;
/** How long a retired environment may stay silent before it is ended with all that runs in it. */
const PING_LIMIT_MS = 1_000;
const STOP_LIMIT_MS = 500;

/** One execution environment of a function: a thread with its bundle, which takes several invocations at once. */
export type Environment = {
  /** Invocations that run in it now, or wait for it to start. */
  readonly inFlight: number;
  /** True when it takes no more invocations: it crashed, timed out, failed to start, or was told to end. */
  readonly isRetired: boolean;
  /** Resolves when the bundle has loaded, or has failed to. Never rejects. */
  readonly started: Promise<void>;
  /** Runs the function once. Never rejects: what went wrong is in the result, as Lambda words it. */
  invoke(payload: string): Promise<InvocationResult>;
  /** Takes no more invocations, and ends when the last one is over. */
  retire(): void;
  /** Gives back memory that earlier invocations used, unless there was none since it last did. */
  tidy(): void;
  /** Ends it at once; what still runs in it fails. Resolves when the thread is gone. */
  end(): Promise<void>;
};

/** What an environment tells the runtime about. */
export type EnvironmentEvents = {
  onInitFailure(error: FunctionError): void;
  onCalls(calls: readonly RecordedCall[]): void;
  onMeasurements(measurements: readonly RecordedMeasurement[]): void;
  /** A place is free, or the environment is gone. */
  onChange(): void;
};

/** Starts the thread; invocations may be given to the environment right away. */
export function startEnvironment(
  definition: FunctionDefinition,
  events: EnvironmentEvents,
): Environment {
  const thread = startThread(definition);
  const inFlight = createInFlight(definition.timeoutMs, { onTimeout: retire, onSettled });
  const init = Promise.withResolvers<void>();
  const exit = Promise.withResolvers<void>();
  let phase: 'starting' | 'running' | 'gone' = 'starting';
  let retired = false;
  let waiting = 0;
  let isTidy = false;
  let initError: FunctionError | undefined;
  let crash: Error | undefined;
  let pongTimer: NodeJS.Timeout | undefined;
  const initTimer = setTimeout(failInit, INIT_LIMIT_MS, timeoutError('', INIT_LIMIT_MS)).unref();

  thread.on('message', (message: FromWorker) => {
    if (message.type === 'ended') inFlight.settle(message.id, message.result);
    else if (message.type === 'calls') events.onCalls(message.calls);
    else if (message.type === 'measurements') events.onMeasurements(message.measurements);
    else if (message.type === 'pong') clearTimeout(pongTimer);
    else if (message.type === 'ready') finishInit();
    else failInit(message.error);
  });
  thread.on('error', (error: Error) => {
    crash = error;
  });
  thread.on('exit', (code) => {
    if (phase === 'starting') failInit(crash ? describeError(crash) : exitError('', code, crash));
    phase = 'gone';
    retired = true;
    clearTimeout(pongTimer);
    inFlight.failAll((requestId) => exitError(requestId, code, crash));
    exit.resolve();
    events.onChange();
  });

  function send(message: ToWorker): void {
    thread.postMessage(message);
  }

  function finishInit(): void {
    phase = 'running';
    clearTimeout(initTimer);
    init.resolve();
  }

  function failInit(error: FunctionError): void {
    if (phase !== 'starting') return;
    initError = error;
    retired = true;
    finishInit();
    events.onInitFailure(error);
    void thread.terminate();
  }

  function onSettled(): void {
    endIfEmpty();
    events.onChange();
  }

  function endIfEmpty(): void {
    if (retired && inFlight.size + waiting === 0) void end();
  }

  function retire(): void {
    retired = true;
    endIfEmpty();
    if (inFlight.size === 0) return;
    pongTimer ??= setTimeout(() => void thread.terminate(), PING_LIMIT_MS);
    send({ type: 'ping' });
  }

  function tidy(): void {
    if (isTidy || phase !== 'running') return;
    isTidy = true;
    send({ type: 'tidy' });
  }

  /** Lets the thread write out its log, but not for long. */
  async function end(): Promise<void> {
    retired = true;
    send({ type: 'stop' });
    const limit = setTimeout(() => void thread.terminate(), STOP_LIMIT_MS);
    await exit.promise;
    clearTimeout(limit);
  }

  async function invoke(payload: string): Promise<InvocationResult> {
    waiting += 1;
    await init.promise;
    waiting -= 1;
    if (initError) return failed(initError);
    if (phase === 'gone') return failed(exitError('', 1, crash));
    isTidy = false;
    const { id, requestId, deadline, result } = inFlight.begin();
    send({ type: 'invoke', id, requestId, payload, deadline });
    return result;
  }

  return {
    get inFlight() {
      return inFlight.size + waiting;
    },
    get isRetired() {
      return retired;
    },
    started: init.promise,
    invoke,
    retire,
    tidy,
    end,
  };
}
