import type { Faults } from '#local/faults/faults';
import type { Endpoints, PolicyStatement, RecordedCall, RecordedMeasurement } from '#local/types';

/** An error as Lambda gives it to whoever invoked the function. */
export type FunctionError = {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
};

/** How one invocation ended. The payload is JSON, as Lambda passes it. */
export type InvocationResult =
  | { readonly status: 'succeeded'; readonly payload: string }
  | { readonly status: 'failed'; readonly error: FunctionError };

/** Everything about a function that its environments need; plain data, it crosses into their threads. */
export type FunctionDefinition = {
  readonly functionName: string;
  readonly arn: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /** Absolute path of the bundle's module. */
  readonly modulePath: string;
  /** Name of the handler that the module exports. */
  readonly exportName: string;
  /** The whole environment of the function: nothing of this process's own is added to it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly logGroupName: string;
  readonly logFile: string;
  /** What its AWS calls may do, and where the emulators are. */
  readonly aws: {
    readonly functionName: string;
    readonly roleArn: string;
    readonly statements: readonly PolicyStatement[];
    readonly endpoints: Endpoints;
  };
  /** How it signs links to objects, which the machine's own door answers. */
  readonly links: LinkKey;
  /** What goes wrong with its AWS calls on purpose. */
  readonly faults?: Faults | undefined;
  /** Whether AWS calls are counted. */
  readonly recordCalls: boolean;
};

/** Where links to objects lead, and the key with which a function signs them. */
export type LinkKey = {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
};

/** What an environment's thread gets when it starts. */
export type WorkerData = {
  readonly definition: FunctionDefinition;
  readonly logStreamName: string;
};

/** From the runtime to an environment's thread. */
export type ToWorker =
  | {
      readonly type: 'invoke';
      readonly id: number;
      readonly requestId: string;
      readonly payload: string;
      /** When the invocation times out, by `monotonicMs`. */
      readonly deadline: number;
    }
  | { readonly type: 'ping' }
  /** Give back the memory that is not needed any more. */
  | { readonly type: 'tidy' }
  | { readonly type: 'stop' };

/** From an environment's thread to the runtime. */
export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'init-failed'; readonly error: FunctionError }
  | { readonly type: 'ended'; readonly id: number; readonly result: InvocationResult }
  | { readonly type: 'pong' }
  | { readonly type: 'calls'; readonly calls: readonly RecordedCall[] }
  | { readonly type: 'measurements'; readonly measurements: readonly RecordedMeasurement[] };
