import { Worker } from 'node:worker_threads';
import { ActionRejectedError } from '#core/errors';
import type { Isolate, IsolationLimits } from '#core/steps/isolate';

const TIMEOUT_MS = 30_000;
const MEMORY_MB = 128;

/** What a worker is started with. */
export type IsolatedJob = { readonly job: string; readonly input: unknown };

/** What a worker answers. Errors lose their class on the way, so the expected kind is named. */
export type IsolatedAnswer =
  | { readonly result: unknown }
  | { readonly rejected: string }
  | { readonly error: unknown };

/**
 * Isolated work in a thread of its own, with a heap of its own, that is ended at the limits. The
 * thread sees none of the function's environment, so none of its credentials.
 *
 * @param workerUrl a module that calls `serveJob`
 */
export function isolatedWork(workerUrl: URL): Isolate {
  return async <Result>(
    job: string,
    input: unknown,
    options: IsolationLimits & { readonly signal?: AbortSignal } = {},
  ) => {
    const { timeoutMs = TIMEOUT_MS, memoryMb = MEMORY_MB, signal } = options;
    signal?.throwIfAborted();
    const worker = new Worker(workerUrl, {
      workerData: { job, input } satisfies IsolatedJob,
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
      env: {},
      execArgv: [],
    });
    return new Promise<Result>((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        void worker.terminate();
        act();
      };
      const abort = () => settle(() => reject(signal?.reason));
      const timer = setTimeout(() => settle(() => reject(tooLong(timeoutMs))), timeoutMs);
      signal?.addEventListener('abort', abort, { once: true });
      worker.once('message', (answer: IsolatedAnswer) => {
        if ('result' in answer) settle(() => resolve(answer.result as Result));
        else settle(() => reject(errorOf(answer)));
      });
      worker.once('error', (error) => settle(() => reject(whyEnded(error, memoryMb))));
      worker.once('exit', () => settle(() => reject(new Error('An isolated job did not answer.'))));
    });
  };
}

function errorOf(answer: Exclude<IsolatedAnswer, { result: unknown }>): unknown {
  return 'rejected' in answer ? new ActionRejectedError(answer.rejected) : answer.error;
}

function tooLong(timeoutMs: number): ActionRejectedError {
  return new ActionRejectedError(
    `The data took longer than ${timeoutMs / 1_000} s to work through. Use less of it.`,
  );
}

function whyEnded(error: unknown, memoryMb: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
  return new ActionRejectedError(
    `The data took more than ${memoryMb} MB of memory to work through. Use less of it.`,
  );
}
