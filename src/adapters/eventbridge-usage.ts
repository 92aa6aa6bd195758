import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { quickConfig } from '#adapters/aws-clients';
import { gathered } from '#adapters/gathered';
import type { UsageEvent, UsageEvents } from '#core/limits/usage-events';

/** What rules of the bus match. Published, so never renamed. */
const SOURCE = 'crucibai.agents';
const DETAIL_TYPE = 'Run settled';

/** After a failure nothing is asked for so long, so that runs do not wait for it one by one. */
const SILENT_MS = 10_000;

/** Most events of one call. */
const MOST_AT_ONCE = 10;

/**
 * Usage as events on a bus of EventBridge. Where a worker executes several runs at once, events of the
 * same moment are sent together.
 */
export function eventBridgeUsage(busName: string): UsageEvents {
  const client = new EventBridgeClient({ ...quickConfig(), maxAttempts: 2 });
  let silentUntil = 0;

  async function put(events: readonly UsageEvent[]): Promise<(undefined | Error)[]> {
    const Entries = events.map((event) => ({
      EventBusName: busName,
      Source: SOURCE,
      DetailType: DETAIL_TYPE,
      Time: new Date(event.finished_at),
      Detail: JSON.stringify(event),
    }));
    const answer = await client.send(new PutEventsCommand({ Entries }));
    return events.map((_, place) => {
      const refused = answer.Entries?.[place]?.ErrorCode;
      return refused === undefined
        ? undefined
        : new Error(`EventBridge refused an event: ${refused}`);
    });
  }

  const putTogether = gathered<UsageEvent, undefined>({
    keyOf: () => busName,
    most: MOST_AT_ONCE,
    call: put,
  });

  return {
    async publish(event) {
      if (Date.now() < silentUntil)
        throw new Error('EventBridge has just failed, and is not asked again yet.');
      try {
        await putTogether(event);
      } catch (error) {
        silentUntil = Date.now() + SILENT_MS;
        throw error;
      }
    },
  };
}
