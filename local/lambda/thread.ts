import { randomBytes } from 'node:crypto';
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FunctionDefinition, WorkerData } from '#local/lambda/protocol';

/** Starts the thread of an execution environment: `worker.ts` around the function's bundle. */
export function startThread(definition: FunctionDefinition): Worker {
  const streamName = logStreamName();
  const thread = new Worker(new URL('./worker.ts', import.meta.url), {
    name: definition.functionName,
    env: {
      ...definition.environment,
      AWS_LAMBDA_LOG_STREAM_NAME: streamName,
      ...compileCache(),
    },
    execArgv: [
      '--disable-warning=ExperimentalWarning',
      // A profile is of little use without the threads that execute functions.
      ...process.execArgv.filter((flag) => flag.startsWith('--cpu-prof')),
    ],
    resourceLimits: {
      maxOldGenerationSizeMb: definition.memoryMb,
      // Left alone, V8 lets short-lived garbage grow to many times this before it looks.
      maxYoungGenerationSizeMb: 24,
    },
    workerData: { definition, logStreamName: streamName } satisfies WorkerData,
    stdout: true,
    stderr: true,
  });
  // The worker writes its own log; what reaches these streams is noise from before it could.
  thread.stdout.resume();
  thread.stderr.resume();
  return thread;
}

/** What makes a thread keep and reuse compiled code as this process does; the worker hides it from the function. */
function compileCache(): Record<string, string> {
  const directory = getCompileCacheDir();
  return directory ? { NODE_COMPILE_CACHE: dirname(directory) } : {};
}

function logStreamName(): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  return `${day}/[$LATEST]${randomBytes(16).toString('hex')}`;
}
