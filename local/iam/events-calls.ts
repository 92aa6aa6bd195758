import type { Call, Place } from '#local/types';

/**
 * What an EventBridge operation needs to be allowed: to put events on each bus that one of them names.
 *
 * @throws Error for an operation that is not emulated.
 */
export function eventsCalls(
  operation: string,
  input: Record<string, unknown>,
  { accountId, region }: Place,
): Call[] {
  if (operation !== 'PutEvents') throw new Error(`events:${operation} is not emulated`);
  const entries = input['Entries'] as readonly { readonly EventBusName?: string }[];
  const buses = new Set(entries.map(({ EventBusName = 'default' }) => EventBusName));
  return [...buses].map((bus) => ({
    service: 'events',
    action: 'events:PutEvents',
    resource: bus.startsWith('arn:')
      ? bus
      : `arn:aws:events:${region}:${accountId}:event-bus/${bus}`,
  }));
}
