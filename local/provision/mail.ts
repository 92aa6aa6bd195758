import type { JsonClient } from '#local/json-client';
import { refuseOthers } from '#local/provision/properties';
import type { Deployment } from '#local/types';

const OF_SET = ['Name', 'ReputationOptions', 'SendingOptions'];
const OF_DESTINATION = ['ConfigurationSetName', 'EventDestination'];
const OF_EVENTS = ['Enabled', 'EventBridgeDestination', 'MatchingEventTypes', 'Name'];

type Destination = {
  readonly ConfigurationSetName: string;
  readonly EventDestination: { readonly Enabled?: boolean; readonly MatchingEventTypes: string[] };
};

/** Make the template's configuration sets of SES, which publish to EventBridge's default bus. */
export async function provisionMail(ses: JsonClient, deployment: Deployment): Promise<void> {
  for (const [logicalId, { Properties = {} }] of deployment.resourcesOf(
    'AWS::SES::ConfigurationSet',
  )) {
    refuseOthers(logicalId, Properties, OF_SET);
    await ses.call('SES.CreateConfigurationSet', {
      ConfigurationSetName: deployment.physical(logicalId),
    });
  }
  for (const [logicalId, { Properties = {} }] of deployment.resourcesOf(
    'AWS::SES::ConfigurationSetEventDestination',
  )) {
    refuseOthers(logicalId, Properties, OF_DESTINATION);
    const { ConfigurationSetName, EventDestination } = deployment.resolve(
      Properties,
    ) as Destination;
    refuseOthers(logicalId, EventDestination, OF_EVENTS);
    const { Enabled = true, MatchingEventTypes } = EventDestination;
    if (!Enabled) continue;
    await ses.call('SES.CreateConfigurationSetEventDestination', {
      ConfigurationSetName,
      MatchingEventTypes,
    });
  }
}
