import { RequestError } from '#core/errors';

/**
 * Says how many runs have started each other up to this request. Every door that starts runs reads it;
 * it is sent everywhere, so that it also comes back through a relay.
 */
export const DEPTH_HEADER = 'x-crucibai-depth';

/** A run at this depth is not started any more: agents that start each other would never end. */
export const MAX_DEPTH = 5;

/** How deep a call comes from; 0 for one from outside. @param headers with lower-case names */
export function depthOf(headers: Readonly<Record<string, string | undefined>>): number {
  const text = headers[DEPTH_HEADER] ?? '';
  return /^\d{1,3}$/.test(text) ? Number(text) : 0;
}

/** @throws RequestError `conflict` when too many runs have started each other */
export function refuseLoop(depth: number): void {
  if (depth < MAX_DEPTH) return;
  throw new RequestError(
    'conflict',
    `Agents have started each other ${depth} times in a row, and that is the limit. Break the loop.`,
  );
}
