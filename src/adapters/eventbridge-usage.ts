import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { quickConfig } from '#adapters/aws-clients';
import type { UsageEvent, UsageEvents } from '#core/limits/usage-events';

/** What rules of the bus match. Published, so never renamed. */
const SOURCE = 'crucibai.agents';
const DETAIL_TYPE = 'Run settled';

/** After a failure nothing is asked for so long, so that runs do not wait for it one by one. */
const SILENT_MS = 10_000;

/** Most events of one call. */
const MOST_AT_ONCE = 10;

/** An event on its way: settled once EventBridge has it, or has not taken it. */
type Sending = { readonly event: UsageEvent; readonly done: PromiseWithResolvers<void> };

/**
 * Usage as events on a bus of EventBridge. Where a worker executes several runs at once, events of the
 * same moment are sent together.
 */
export function eventBridgeUsage(busName: string): UsageEvents {
  const client = new EventBridgeClient({ ...quickConfig(), maxAttempts: 2 });
  let silentUntil = 0;
  let waiting: Sending[] = [];

  async function send(sent: readonly Sending[]): Promise<void> {
    const Entries = sent.map(({ event }) => ({
      EventBusName: busName,
      Source: SOURCE,
      DetailType: DETAIL_TYPE,
      Time: new Date(event.finished_at),
      Detail: JSON.stringify(event),
    }));
    try {
      const answer = await client.send(new PutEventsCommand({ Entries }));
      for (const [place, { done }] of sent.entries()) {
        const refused = answer.Entries?.[place]?.ErrorCode;
        if (refused === undefined) {
          done.resolve();
          continue;
        }
        silentUntil = Date.now() + SILENT_MS;
        done.reject(new Error(`EventBridge refused an event: ${refused}`));
      }
    } catch (error) {
      silentUntil = Date.now() + SILENT_MS;
      for (const { done } of sent) done.reject(error);
    }
  }

  function sendWaiting(): void {
    const all = waiting;
    waiting = [];
    for (let first = 0; first < all.length; first += MOST_AT_ONCE) {
      void send(all.slice(first, first + MOST_AT_ONCE));
    }
  }

  return {
    async publish(event) {
      if (Date.now() < silentUntil)
        throw new Error('EventBridge has just failed, and is not asked again yet.');
      const done = Promise.withResolvers<void>();
      if (waiting.length === 0) setImmediate(sendWaiting);
      waiting.push({ event, done });
      await done.promise;
    },
  };
}
