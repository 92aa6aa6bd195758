import type { RetryPolicy } from '#core/agents/agent';
import { ActionUnavailableError } from '#core/errors';

/**
 * What a failed attempt means: the milliseconds until the next one, or undefined when there is
 * none. Waits grow exponentially and are drawn at random up to their limit (full jitter), so that
 * many runs that failed together do not come back together. A wait that the other side asked for
 * is kept, up to the policy's longest.
 *
 * @param attempt 1 for the first try
 * @param random from 0 to 1
 */
export function retryDelayMs(
  error: unknown,
  attempt: number,
  policy: RetryPolicy,
  random: () => number,
): number | undefined {
  if (!(error instanceof ActionUnavailableError) || attempt >= policy.max_attempts)
    return undefined;
  const grown = policy.initial_delay_seconds * policy.backoff_rate ** (attempt - 1);
  const drawn = random() * Math.min(grown, policy.max_delay_seconds);
  const asked = Math.min(error.retryAfterSeconds ?? 0, policy.max_delay_seconds);
  return Math.ceil(Math.max(drawn, asked) * 1_000);
}
