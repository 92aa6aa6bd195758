import type { FunctionError, InvocationResult } from '#local/lambda/protocol';

/** The error of an invocation whose environment ended under it. */
export function exitError(
  requestId: string,
  code: number,
  crash: Error | undefined,
): FunctionError {
  const isOutOfMemory =
    crash !== undefined && 'code' in crash && crash.code === 'ERR_WORKER_OUT_OF_MEMORY';
  const how = isOutOfMemory ? 'signal: killed' : `exit status ${code}`;
  return {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${how}`,
  };
}

/** The error of an invocation, or of a start, that took too long. */
export function timeoutError(requestId: string, limitMs: number): FunctionError {
  const seconds = (limitMs / 1_000).toFixed(2);
  return {
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`,
  };
}

/** An exception as Lambda gives it to whoever invoked the function. */
export function describeError(error: unknown): FunctionError {
  if (!(error instanceof Error)) {
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  }
  const trace = (error.stack ?? '').split('\n');
  return { errorType: error.name, errorMessage: error.message, trace };
}

/** An invocation that failed. */
export function failed(error: FunctionError): InvocationResult {
  return { status: 'failed', error };
}
