import { join } from 'node:path';
import { planSetter } from '#local/doors/accounts';
import { keptDoors } from '#local/doors/kept';
import { metricsDoor } from '#local/doors/metrics';
import { type Operations, operationsDoor } from '#local/doors/operations';
import { s3LinkDoors } from '#local/doors/s3-links';
import { slackDoors } from '#local/doors/slack';
import { jwksDoor, tokenDoor } from '#local/doors/token';
import type { Door } from '#local/gateway/site';
import type { Issuer } from '#local/issuer';
import type { FunctionDefinition } from '#local/lambda/protocol';
import type { EventBridge } from '#local/services/events';
import type { Ses } from '#local/services/ses';
import { openSlackInbox } from '#local/slack-inbox';

/** All addresses under `/local/`. Without `counters` there is no door for them. */
export function openDoors(setting: {
  readonly dataDir: string;
  /** Where this machine serves the API. */
  readonly url: string;
  /** Who signs links to objects, and where these are. */
  readonly functions: readonly FunctionDefinition[];
  readonly s3: string;
  readonly issuer: Issuer;
  readonly mailbox: Ses['mailbox'];
  readonly events: EventBridge['kept'];
  readonly metrics: () => string;
  readonly counters?: () => Operations;
}): Door[] {
  const { dataDir, url, functions, s3, issuer, mailbox, events, metrics, counters } = setting;
  return [
    tokenDoor(issuer, planSetter(url, issuer)),
    jwksDoor(issuer),
    ...keptDoors('mailbox', mailbox),
    ...keptDoors('events', events),
    ...slackDoors(openSlackInbox(join(dataDir, 'slack.jsonl'))),
    ...s3LinkDoors(functions, s3),
    metricsDoor(metrics),
    ...(counters ? [operationsDoor(counters)] : []),
  ];
}
