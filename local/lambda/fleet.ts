import {
  type Environment,
  type EnvironmentEvents,
  startEnvironment,
} from '#local/lambda/environment';
import { failed } from '#local/lambda/failures';
import type { FunctionDefinition, InvocationResult } from '#local/lambda/protocol';

/** How many environments of one function there may be, and what each of them takes. */
export type FleetLimits = {
  /** Invocations at once in a shared environment. */
  readonly concurrency: number;
  readonly sharedEnvironments: number;
  /** Environments that hold a single invocation at a time. */
  readonly isolatedEnvironments: number;
  /** After this long without work, every environment but one shared one is ended, and that one is tidied. */
  readonly idleMs: number;
};

/** The environments of one function. */
export type Fleet = {
  /** Starts the first environment if there is none. Resolves with whether it could load the bundle. */
  warm(): Promise<boolean>;
  /**
   * Runs the function once. Never rejects.
   *
   * @param isIsolated an environment that holds nothing else meanwhile: what crashes it hurts nobody.
   */
  invoke(payload: string, isIsolated: boolean): Promise<InvocationResult>;
  /** Ends all environments without work; the next invocation starts one again. */
  rest(): void;
  /** Waits up to `graceMs` for what runs, then ends all environments. */
  stop(graceMs: number): Promise<void>;
};

type Pool = {
  readonly environments: Set<Environment>;
  readonly concurrency: number;
  readonly size: number;
  /** Invocations for which there is no place yet, oldest first. */
  readonly queue: ((environment: Environment | undefined) => void)[];
};

/** Makes the (still empty) fleet of a function. */
export function createFleet(
  definition: FunctionDefinition,
  limits: FleetLimits,
  events: Omit<EnvironmentEvents, 'onChange'>,
): Fleet {
  const shared = createPool(limits.concurrency, limits.sharedEnvironments);
  const isolated = createPool(1, limits.isolatedEnvironments);
  const running = new Set<Promise<InvocationResult>>();
  const idleTimer = setTimeout(endIdle, limits.idleMs).unref();
  let stopped = false;

  function start(pool: Pool): Environment {
    const onChange = () => {
      if (environment.isRetired) pool.environments.delete(environment);
      serveQueue(pool);
      idleTimer.refresh();
    };
    const environment = startEnvironment(definition, { ...events, onChange });
    pool.environments.add(environment);
    return environment;
  }

  /** The place to run at next, in a new environment if the others are full. */
  function findPlace(pool: Pool): Environment | undefined {
    let best: Environment | undefined;
    for (const environment of pool.environments) {
      if (environment.isRetired) pool.environments.delete(environment);
      else if (best === undefined || environment.inFlight < best.inFlight) best = environment;
    }
    if (best && best.inFlight < pool.concurrency) return best;
    return pool.environments.size < pool.size && !stopped ? start(pool) : undefined;
  }

  function serveQueue(pool: Pool): void {
    while (pool.queue.length > 0) {
      const environment = findPlace(pool);
      if (!environment) return;
      pool.queue.shift()?.(environment);
    }
  }

  /** Memory matters on one machine: what a peak needed goes when the peak is over. */
  function endIdle(): void {
    const idle = [...shared.environments].filter((environment) => environment.inFlight === 0);
    const surplus = idle.slice(0, Math.max(0, shared.environments.size - 1));
    for (const environment of surplus) environment.retire();
    for (const environment of idle.slice(surplus.length)) environment.tidy();
    for (const environment of isolated.environments) {
      if (environment.inFlight === 0) environment.retire();
    }
  }

  function runIn(pool: Pool, payload: string): Promise<InvocationResult> {
    const place = pool.queue.length === 0 ? findPlace(pool) : undefined;
    if (place) return place.invoke(payload);
    if (stopped) return Promise.resolve(STOPPED);
    return new Promise((resolve) => {
      pool.queue.push((environment) => resolve(environment?.invoke(payload) ?? STOPPED));
    });
  }

  return {
    async warm() {
      const environment = findPlace(shared);
      await environment?.started;
      return environment?.isRetired === false;
    },
    async invoke(payload, isIsolated) {
      const run = runIn(isIsolated ? isolated : shared, payload);
      running.add(run);
      const result = await run;
      running.delete(run);
      return result;
    },
    rest() {
      for (const environment of [...shared.environments, ...isolated.environments]) {
        if (environment.inFlight === 0) environment.retire();
      }
    },
    async stop(graceMs) {
      stopped = true;
      clearTimeout(idleTimer);
      const grace = new Promise((resolve) => setTimeout(resolve, graceMs).unref());
      await Promise.race([Promise.all(running), grace]);
      const all = [...shared.environments, ...isolated.environments];
      await Promise.all(all.map((environment) => environment.end()));
      for (const give of [...shared.queue, ...isolated.queue]) give(undefined);
    },
  };
}

const STOPPED = failed({ errorType: 'Runtime.ExitError', errorMessage: 'The machine stops.' });

function createPool(concurrency: number, size: number): Pool {
  return { environments: new Set(), concurrency, size, queue: [] };
}
