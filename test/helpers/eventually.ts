import { vi } from 'vitest';

/**
 * Asks again until a check passes.
 *
 * @returns what the check returned.
 * @throws what it threw last, when it has not passed after `seconds`.
 */
export function eventually<Result>(
  check: () => Result | Promise<Result>,
  seconds = 15,
): Promise<Result> {
  return vi.waitFor(check, { timeout: seconds * 1_000, interval: 25 });
}
