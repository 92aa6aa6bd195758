import { randomUUID } from 'node:crypto';
import type { BusEvent } from '#local/events/event';
import { jsonObject } from '#local/json-object';
import { type JsonInput, ServiceError } from '#local/services/json-server';
import type { Place } from '#local/types';

/** What an operation works with. */
export type EventsWorld = Place & {
  /** Names of the buses that there are. */
  readonly buses: Set<string>;
  keep(event: BusEvent): void;
  now(): number;
};

type Entry = {
  readonly EventBusName?: string;
  readonly Source?: string;
  readonly DetailType?: string;
  readonly Detail?: string;
  /** Epoch seconds. */
  readonly Time?: number;
};

const UNDERSTOOD = new Set(['Detail', 'DetailType', 'EventBusName', 'Source', 'Time']);
const MOST_ENTRIES = 10;

/**
 * EventBridge's API, as far as the product calls it.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export const EVENTS_OPERATIONS: Readonly<
  Record<string, (world: EventsWorld, input: JsonInput) => object>
> = {
  CreateEventBus({ buses }, { Name }) {
    buses.add(String(Name));
    return {};
  },
  PutEvents(world, { Entries }) {
    const entries = [Entries ?? []].flat() as readonly Entry[];
    if (entries.length === 0 || entries.length > MOST_ENTRIES) {
      throw new ServiceError(
        'ValidationException',
        `Value at 'entries' failed to satisfy constraint: Member must have length between 1 and ${MOST_ENTRIES}`,
      );
    }
    const answers = entries.map((entry) => putOne(world, entry));
    const FailedEntryCount = answers.filter((answer) => 'ErrorCode' in answer).length;
    return { FailedEntryCount, Entries: answers };
  },
};

function putOne(world: EventsWorld, entry: Entry) {
  const foreign = Object.keys(entry).filter((name) => !UNDERSTOOD.has(name));
  if (foreign.length > 0) {
    throw new ServiceError(
      'ValidationException',
      `${foreign.join(', ')} is not available on one machine.`,
    );
  }
  const { EventBusName = 'default', Source, DetailType, Detail = '', Time } = entry;
  if (!world.buses.has(EventBusName)) {
    const message = `Event bus ${EventBusName} does not exist.`;
    throw new ServiceError('ResourceNotFoundException', message);
  }
  if (!Source || !DetailType) {
    const missing = Source ? 'DetailType' : 'Source';
    return { ErrorCode: 'InvalidArgument', ErrorMessage: `Parameter ${missing} is not valid.` };
  }
  const detail = jsonObject(Detail);
  if (detail === undefined) {
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  }
  const EventId = randomUUID();
  world.keep({
    version: '0',
    id: EventId,
    'detail-type': DetailType,
    source: Source,
    account: world.accountId,
    time: `${new Date(Time ? Time * 1_000 : world.now()).toISOString().slice(0, 19)}Z`,
    region: world.region,
    resources: [],
    detail,
  });
  return { EventId };
}
