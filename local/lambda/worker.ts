/** One Lambda execution environment: the code that runs in its thread, around the function's bundle. */
import { randomBytes } from 'node:crypto';
import { flushCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { InvokeStore, InvokeStoreBase } from '@aws/lambda-invoke-store';
import type { Context } from 'aws-lambda';
import { monotonicMs } from '#local/clock';
import { bendClock } from '#local/faults/clock';
import { withFaults } from '#local/faults/sdk-faults';
import { embeddedMetrics, hasMeasurements } from '#local/lambda/embedded-metrics';
import { describeError, failed } from '#local/lambda/failures';
import { openFunctionLog } from '#local/lambda/function-log';
import { collectGarbage } from '#local/lambda/garbage';
import type {
  FromWorker,
  FunctionError,
  InvocationResult,
  ToWorker,
  WorkerData,
} from '#local/lambda/protocol';
import { createSdkHandler } from '#local/sdk-handler';
import type { RecordedCall, SdkRequestHandler } from '#local/types';

type Handler = (event: unknown, context: Context) => unknown;

/** Lambda's limit of an answer's size (6 MiB and 100 bytes). */
const MAX_RESULT_BYTES = 6_291_556;
const RECORDED_CALLS_EVERY_MS = 200;
const MEASUREMENTS_AFTER_MS = 50;

const { definition, logStreamName } = workerData as WorkerData;
Reflect.deleteProperty(process.env, 'NODE_COMPILE_CACHE');
bendClock(definition.faults, true);
const log = openFunctionLog(definition.logFile);
process.stdout.write = captured;
process.stderr.write = captured;
process.on('uncaughtExceptionMonitor', (error) => logFailure('Uncaught Exception', '', error));
process.on('exit', log.flush);

const { REQUEST_ID, X_RAY_TRACE_ID } = InvokeStoreBase.PROTECTED_KEYS;
const invokeStore = await InvokeStore.getInstanceAsync(true);
const recorded: RecordedCall[] = [];
/** What was written to the log with measurements that are not sent yet. */
let measured = '';
// Where product code's SDK clients look for a transport; it must be there before the bundle loads.
Reflect.set(globalThis, Symbol.for('crucibai.aws-request-handler'), sdkHandler());
// And where they look for a way to sign links that others can open here.
const { endpoint, ...credentials } = definition.links;
Reflect.set(globalThis, Symbol.for('crucibai.s3-links'), {
  endpoint,
  forcePathStyle: true,
  credentials,
});
if (definition.recordCalls) setInterval(sendRecorded, RECORDED_CALLS_EVERY_MS).unref();

const handler = await loadHandler();
flushCompileCache();
parentPort?.on('message', receive);
if (typeof handler === 'function') send({ type: 'ready' });
else send({ type: 'init-failed', error: handler });

function sdkHandler(): SdkRequestHandler {
  const { aws, recordCalls, faults, functionName } = definition;
  const handler = createSdkHandler({
    ...aws,
    ...(recordCalls && { record: (call: RecordedCall) => recorded.push(call) }),
  });
  return faults ? withFaults(handler, faults, functionName) : handler;
}

function send(message: FromWorker): void {
  parentPort?.postMessage(message);
}

async function loadHandler(): Promise<Handler | FunctionError> {
  try {
    const bundle: Record<string, unknown> = await import(pathToFileURL(definition.modulePath).href);
    const found = bundle[definition.exportName];
    if (typeof found === 'function') return found as Handler;
    return {
      errorType: 'Runtime.HandlerNotFound',
      errorMessage: `${definition.exportName} is undefined or not exported`,
    };
  } catch (error) {
    logFailure('Init Error', '', error);
    return describeError(error);
  }
}

function receive(message: ToWorker): void {
  if (message.type === 'invoke') void run(message);
  else if (message.type === 'ping') send({ type: 'pong' });
  else if (message.type === 'tidy') void collectGarbage();
  else stop();
}

function stop(): void {
  sendRecorded();
  sendMeasurements();
  log.flush();
  process.exit(0);
}

async function run(invocation: Extract<ToWorker, { type: 'invoke' }>): Promise<void> {
  const { id, requestId } = invocation;
  const context = { [REQUEST_ID]: requestId, [X_RAY_TRACE_ID]: traceId() };
  let result: InvocationResult;
  try {
    const answer = await invokeStore.run(context, () => {
      if (typeof handler !== 'function') throw new Error(handler.errorMessage);
      return handler(JSON.parse(invocation.payload), contextOf(invocation));
    });
    result = checkSize(JSON.stringify(answer) ?? 'null');
  } catch (error) {
    logFailure('Invoke Error', requestId, error);
    result = failed(describeError(error));
  }
  send({ type: 'ended', id, result });
}

function contextOf(invocation: { requestId: string; deadline: number }): Context {
  return {
    awsRequestId: invocation.requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: definition.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: definition.arn,
    logGroupName: definition.logGroupName,
    logStreamName,
    memoryLimitInMB: String(definition.memoryMb),
    getRemainingTimeInMillis: () => Math.max(0, invocation.deadline - monotonicMs()),
    // Older runtimes' ways to answer: the type still has them, Node.js 24's context does not.
  } as Context;
}

function checkSize(payload: string): InvocationResult {
  if (payload.length * 3 <= MAX_RESULT_BYTES || Buffer.byteLength(payload) <= MAX_RESULT_BYTES) {
    return { status: 'succeeded', payload };
  }
  return failed({
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_RESULT_BYTES} bytes).`,
  });
}

function traceId(): string {
  const time = Math.floor(Date.now() / 1000).toString(16);
  const random = randomBytes(20).toString('hex');
  return `Root=1-${time}-${random.slice(0, 24)};Parent=${random.slice(24)};Sampled=0`;
}

/** One line as Lambda's own runtime writes it about a failure that the handler let through. */
function logFailure(message: string, requestId: string, error: unknown): void {
  const { errorType, errorMessage, trace } = describeError(error);
  const timestamp = new Date().toISOString();
  const line = { timestamp, level: 'ERROR', requestId, message, errorType, errorMessage, trace };
  log.write(`${JSON.stringify(line)}\n`);
}

function captured(
  chunk: string | Uint8Array,
  encodingOrDone?: BufferEncoding | ((error?: Error | null) => void),
  done?: (error?: Error | null) => void,
): boolean {
  const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
  log.write(text);
  keepMeasurements(text);
  const callback = typeof encodingOrDone === 'function' ? encodingOrDone : done;
  if (callback) queueMicrotask(() => callback());
  return true;
}

/** Sent a little later, together: each message wakes the main thread, and a run has several. */
function keepMeasurements(text: string): void {
  if (!hasMeasurements(text)) return;
  if (measured === '') setTimeout(sendMeasurements, MEASUREMENTS_AFTER_MS);
  measured += text;
}

function sendMeasurements(): void {
  const measurements = embeddedMetrics(measured);
  measured = '';
  if (measurements.length > 0) send({ type: 'measurements', measurements });
}

function sendRecorded(): void {
  if (recorded.length > 0) send({ type: 'calls', calls: recorded.splice(0) });
}
