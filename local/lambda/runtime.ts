import { createFleet, type Fleet, type FleetLimits } from '#local/lambda/fleet';
import type { FunctionDefinition, FunctionError, InvocationResult } from '#local/lambda/protocol';
import type { RecordedCall, RecordedMeasurement } from '#local/types';

/** What a function has cost since the start, in Lambda's units. */
export type FunctionUse = { readonly invocations: number; readonly gb_seconds: number };

/** All functions of the template, ready to be invoked. */
export type LambdaRuntime = {
  has(functionName: string): boolean;
  /** Starts a function's first environment. Resolves with whether it could load the bundle. */
  warm(functionName: string): Promise<boolean>;
  /**
   * Runs a function once.
   *
   * @param payload the event as JSON.
   * @param options.isolated in an environment that holds nothing else meanwhile.
   * @throws Error when the template has no such function; all else is in the result.
   */
  invoke(
    functionName: string,
    payload: string,
    options?: { readonly isolated?: boolean },
  ): Promise<InvocationResult>;
  /** Ends a function's environments that have no work. */
  rest(functionName: string): void;
  /** Use of each function since the start, by name. */
  counters(): Record<string, FunctionUse>;
  /** Waits up to `graceMs` for what runs, then ends all environments. */
  stop(graceMs: number): Promise<void>;
};

/** What the runtime tells about. */
export type RuntimeEvents = {
  /** A bundle could not be loaded; told once for each different error of a function. */
  onInitFailure(functionName: string, error: FunctionError): void;
  onCalls(calls: readonly RecordedCall[]): void;
  onMeasurements(measurements: readonly RecordedMeasurement[]): void;
  /** Nothing has been invoked for a while; told again after each further while. */
  onIdle(): void;
};

/** A shared environment takes what Lambda's multi-concurrency allows Node.js by default, 64 a vCPU, for two. */
export const LIMITS: FleetLimits = {
  concurrency: 128,
  sharedEnvironments: 4,
  isolatedEnvironments: 8,
  idleMs: 10_000,
};

type Deployed = { readonly definition: FunctionDefinition; readonly fleet: Fleet };

/** Makes the runtime; nothing is started before it is needed. */
export function createLambdaRuntime(
  definitions: readonly FunctionDefinition[],
  events: RuntimeEvents,
  limits: FleetLimits = LIMITS,
): LambdaRuntime {
  const deployed = new Map<string, Deployed>();
  const uses = new Map<string, { invocations: number; gb_seconds: number }>();
  const idle = setInterval(events.onIdle, limits.idleMs).unref();
  for (const definition of definitions) {
    const { functionName } = definition;
    const fleet = createFleet(definition, limits, {
      onInitFailure: onceEach((error) => events.onInitFailure(functionName, error)),
      onCalls: events.onCalls,
      onMeasurements: events.onMeasurements,
    });
    deployed.set(functionName, { definition, fleet });
    uses.set(functionName, { invocations: 0, gb_seconds: 0 });
  }

  function find(functionName: string): Deployed {
    const found = deployed.get(functionName);
    if (!found) throw new Error(`Function not found: ${functionName}`);
    return found;
  }

  /** Duration is billed in whole milliseconds, started ones included. */
  function count({ functionName, memoryMb }: FunctionDefinition, startedAt: number): void {
    const use = uses.get(functionName);
    if (!use) return;
    use.invocations += 1;
    use.gb_seconds += (Math.ceil(performance.now() - startedAt) / 1000) * (memoryMb / 1024);
  }

  return {
    has: (functionName) => deployed.has(functionName),
    warm: (functionName) => find(functionName).fleet.warm(),
    async invoke(functionName, payload, options) {
      const { definition, fleet } = find(functionName);
      const startedAt = performance.now();
      const result = await fleet.invoke(payload, options?.isolated ?? false);
      count(definition, startedAt);
      idle.refresh();
      return result;
    },
    rest: (functionName) => find(functionName).fleet.rest(),
    counters: () => Object.fromEntries([...uses].map(([name, use]) => [name, { ...use }])),
    async stop(graceMs) {
      clearInterval(idle);
      await Promise.all([...deployed.values()].map(({ fleet }) => fleet.stop(graceMs)));
    },
  };
}

function onceEach(tell: (error: FunctionError) => void): (error: FunctionError) => void {
  const told = new Set<string>();
  return (error) => {
    const key = `${error.errorType}: ${error.errorMessage}`;
    if (told.has(key)) return;
    told.add(key);
    tell(error);
  };
}
