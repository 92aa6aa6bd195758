import { join } from 'node:path';
import type { BusEvent } from '#local/events/event';
import { EVENTS_OPERATIONS, type EventsWorld } from '#local/services/events/operations';
import { ServiceError, startJsonServer } from '#local/services/json-server';
import { type Newest, openNewest } from '#local/services/newest';
import type { PrivateServer } from '#local/services/private-server';
import type { Place } from '#local/types';

/** A running EventBridge, and what functions have put on its buses. */
export type EventBridge = PrivateServer & {
  readonly kept: Pick<Newest<BusEvent>, 'newestFirst' | 'clear'>;
};

/**
 * Start an EventBridge that takes events on the template's buses and keeps the newest, in `events.sqlite`. It has
 * no rules of others: nobody else can add any on one machine.
 *
 * @param options.dataDir directory of the file, which exists.
 */
export async function startEventBridge(
  options: Place & { readonly dataDir: string },
): Promise<EventBridge> {
  const { dataDir, accountId, region } = options;
  const kept = openNewest<BusEvent>(join(dataDir, 'events.sqlite'), 'event');
  const world: EventsWorld = {
    accountId,
    region,
    buses: new Set(),
    keep: (event) => kept.keep(event),
    now: () => Date.now(),
  };
  const server = await startJsonServer((operation, input) => {
    const run = EVENTS_OPERATIONS[operation];
    if (!run) throw new ServiceError('UnknownOperationException', `${operation} is unknown here.`);
    return run(world, input);
  });
  return {
    endpoint: server.endpoint,
    kept,
    async close() {
      await server.close();
      kept.close();
    },
  };
}
