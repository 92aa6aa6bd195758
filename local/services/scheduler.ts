import { join } from 'node:path';
import { type Clock, systemClock } from '#local/clock';
import { ServiceError, startJsonServer } from '#local/services/json-server';
import { createEngine } from '#local/services/scheduler/engine';
import { openJournal } from '#local/services/scheduler/journal';
import { OPERATIONS } from '#local/services/scheduler/operations';
import type { World } from '#local/services/scheduler/world';
import type { Place } from '#local/types';

/** A running EventBridge Scheduler. */
export type Scheduler = {
  /** Base URL of its API, asked in JSON: `AWSChronosService.<operation>`. */
  readonly endpoint: string;
  /** Begins to run schedules; until then none can be made, for nothing is known about roles. */
  run(world: World): void;
  /** Calls to targets since the start. */
  invocations(): number;
  /** Runs nothing more; resolves when what runs has ended. Its API goes on. */
  stop(): Promise<void>;
  close(): Promise<void>;
};

/**
 * Start EventBridge Scheduler's API on a loopback port, its schedules kept in `scheduler.sqlite`. What was acknowledged
 * survives the machine's kill and power cuts; times that pass while it is down are not made up for.
 *
 * @param options.dataDir directory of the file, which exists.
 */
export async function startScheduler(
  options: Place & { readonly dataDir: string; readonly clock?: Clock | undefined },
): Promise<Scheduler> {
  const { clock = systemClock, accountId, region } = options;
  const place = { accountId, region };
  const journal = openJournal(join(options.dataDir, 'scheduler.sqlite'));
  const engine = createEngine(journal, clock, place);
  let world: World | undefined;
  const state = {
    engine,
    journal,
    clock,
    place,
    groups: new Map(journal.groups.map((group) => [group.name, group])),
    mayAssume(roleArn: string, groupArn: string) {
      if (!world) throw new Error('Scheduler does not run yet');
      return world.mayAssume(roleArn, groupArn);
    },
  };
  const server = await startJsonServer((operation, input) => {
    const run = OPERATIONS[operation];
    if (!run) throw new ServiceError('UnknownOperationException', `${operation} is unknown here.`);
    return run(state, input);
  });
  return {
    endpoint: server.endpoint,
    run(reached) {
      world = reached;
      engine.run(reached);
    },
    invocations: () => engine.invocations,
    stop: () => engine.stop(),
    async close() {
      await engine.stop();
      await server.close();
      journal.close();
    },
  };
}
