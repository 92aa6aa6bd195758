import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ActionRejectedError } from '#core/errors';
import type { Isolate, IsolationLimits } from '#core/steps/isolate';

const TIMEOUT_MS = 30_000;
const MEMORY_MB = 128;

/** What a worker is asked. */
export type IsolatedJob = { readonly job: string; readonly input: unknown };

/** What a worker answers. Errors lose their class on the way, so the expected kind is named. */
export type IsolatedAnswer =
  | { readonly result: unknown }
  | { readonly rejected: string }
  | { readonly error: unknown };

/**
 * A parent can be killed without a chance to act, and a job that never yields does not see it go: so
 * the system ends it, too, once it has used so much processor time. The shell's own variables go.
 */
const WITH_LIMIT = 'ulimit -t "$1"; shift; unset PWD OLDPWD SHLVL; exec "$@"';

/** How Node.js ends when V8 gets no more memory. */
const OUT_OF_MEMORY: readonly (NodeJS.Signals | null)[] = ['SIGABRT', 'SIGTRAP'];

/**
 * Isolated work in a process of its own, with a heap of its own, that is ended at the limits. The
 * process sees none of the function's environment, so none of its credentials.
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
    const worker = startWorker(workerUrl, timeoutMs, memoryMb);
    return new Promise<Result>((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        worker.kill('SIGKILL');
        act();
      };
      const abort = () => settle(() => reject(signal?.reason));
      const timer = setTimeout(() => settle(() => reject(tooLong(timeoutMs))), timeoutMs);
      signal?.addEventListener('abort', abort, { once: true });
      worker.once('message', (answer) => {
        const given = answer as IsolatedAnswer;
        if ('result' in given) settle(() => resolve(given.result as Result));
        else settle(() => reject(errorOf(given)));
      });
      worker.once('error', (error) => settle(() => reject(error)));
      worker.once('exit', (_, by) => settle(() => reject(whyEnded(by, timeoutMs, memoryMb))));
      worker.send({ job, input } satisfies IsolatedJob, (error) => {
        // One that has ended says so itself.
        if (error && worker.exitCode === null && worker.signalCode === null) {
          settle(() => reject(error));
        }
      });
    });
  };
}

function startWorker(workerUrl: URL, timeoutMs: number, memoryMb: number) {
  // Those that look for garbage use processor time, too.
  const cpuSeconds = Math.ceil(timeoutMs / 1_000) * 2 + 1;
  const libraries = process.env['LD_LIBRARY_PATH'];
  return spawn(
    '/bin/sh',
    [
      '-c',
      WITH_LIMIT,
      'sh',
      String(cpuSeconds),
      process.execPath,
      `--max-old-space-size=${memoryMb}`,
      fileURLToPath(workerUrl),
    ],
    {
      env: libraries === undefined ? {} : { LD_LIBRARY_PATH: libraries },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    },
  );
}

function errorOf(answer: Exclude<IsolatedAnswer, { result: unknown }>): unknown {
  return 'rejected' in answer ? new ActionRejectedError(answer.rejected) : answer.error;
}

function tooLong(timeoutMs: number): ActionRejectedError {
  return new ActionRejectedError(
    `The data took longer than ${timeoutMs / 1_000} s to work through. Use less of it.`,
  );
}

function whyEnded(by: NodeJS.Signals | null, timeoutMs: number, memoryMb: number): unknown {
  if (by === 'SIGXCPU') return tooLong(timeoutMs);
  if (!OUT_OF_MEMORY.includes(by)) return new Error('An isolated job did not answer.');
  return new ActionRejectedError(
    `The data took more than ${memoryMb} MB of memory to work through. Use less of it.`,
  );
}
