import * as z from 'zod';
import { RequestError } from '#core/errors';

/** The query of `GET /api/health`. */
export const HealthQuery = z.strictObject({
  deep: z
    .enum(['0', '1', 'false', 'true'])
    .default('0')
    .transform((text) => text === '1' || text === 'true')
    .describe('Whether to ask the table and the queue, too.'),
});

/** Cheap calls that fail when what they ask does not work, by the name that callers are told. */
export type HealthProbes = Readonly<Record<string, () => Promise<unknown>>>;

/** Longest wait for one probe, in milliseconds. */
const PATIENCE_MS = 3_000;

/**
 * Asks everything at once.
 *
 * @throws RequestError `unavailable` that names what does not answer, and nothing of the why
 */
export async function checkHealth(
  probes: HealthProbes,
  patienceMs = PATIENCE_MS,
): Promise<Record<string, 'ok'>> {
  const results = Object.entries(probes).map(async ([name, probe]) => {
    const works = await answersInTime(probe, patienceMs);
    return [name, works ? 'ok' : 'failing'] as const;
  });
  const checks = await Promise.all(results);
  const failing = checks.filter(([, state]) => state !== 'ok').map(([name]) => name);
  if (failing.length > 0) {
    throw new RequestError('unavailable', `Not working now: ${failing.join(', ')}.`, {
      details: { checks: Object.fromEntries(checks) },
      retryAfterSeconds: 30,
    });
  }
  return Object.fromEntries(checks.map(([name]) => [name, 'ok']));
}

async function answersInTime(probe: () => Promise<unknown>, patienceMs: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, patienceMs, false);
  const answered = probe().then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([answered, late]);
  } finally {
    clearTimeout(timer);
  }
}
