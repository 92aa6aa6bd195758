import type { JsonClient } from '#local/json-client';
import { refuseOthers } from '#local/provision/properties';
import type { Deployment } from '#local/types';

/** Make a template's event buses. */
export async function provisionEventBuses(
  events: JsonClient,
  deployment: Deployment,
): Promise<void> {
  for (const [logicalId, { Properties = {} }] of deployment.resourcesOf('AWS::Events::EventBus')) {
    refuseOthers(logicalId, Properties, ['Description', 'Name', 'Tags']);
    await events.call('AWSEvents.CreateEventBus', { Name: deployment.physical(logicalId) });
  }
}
