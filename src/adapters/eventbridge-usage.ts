import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { quickConfig } from '#adapters/aws-clients';
import type { UsageEvents } from '#core/limits/usage-events';

/** What rules of the bus match. Published, so never renamed. */
const SOURCE = 'crucibai.agents';
const DETAIL_TYPE = 'Run settled';

/** After a failure nothing is asked for so long, so that runs do not wait for it one by one. */
const SILENT_MS = 10_000;

/** Usage as events on a bus of EventBridge. */
export function eventBridgeUsage(busName: string): UsageEvents {
  const client = new EventBridgeClient({ ...quickConfig(), maxAttempts: 2 });
  let silentUntil = 0;

  return {
    async publish(event) {
      const now = Date.now();
      if (now < silentUntil)
        throw new Error('EventBridge has just failed, and is not asked again yet.');
      const entry = {
        EventBusName: busName,
        Source: SOURCE,
        DetailType: DETAIL_TYPE,
        Time: new Date(event.finished_at),
        Detail: JSON.stringify(event),
      };
      try {
        const answer = await client.send(new PutEventsCommand({ Entries: [entry] }));
        const refused = answer.Entries?.[0]?.ErrorCode;
        if (refused !== undefined) throw new Error(`EventBridge refused an event: ${refused}`);
      } catch (error) {
        silentUntil = now + SILENT_MS;
        throw error;
      }
    },
  };
}
