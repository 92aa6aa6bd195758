import { RequestError } from '#core/errors';
import { suspended } from '#core/limits/credits';
import { type PlanName, plans } from '#core/limits/plans';
import { secondsLeft } from '#core/limits/rates';
import { currentAccount } from '#core/limits/usage';
import type { ApiDeps } from '#functions/api/deps';

/**
 * Lets a user try a step or a connection. That reaches the outside as a run does, and no run counts
 * it: so each has a rate of its own.
 *
 * @returns the user's plan
 * @throws RequestError `forbidden` for who is suspended, `rate_limited`
 */
export async function takeTry(
  userId: string,
  what: 'step' | 'connection',
  deps: Pick<ApiDeps, 'credits' | 'rates' | 'clock'>,
): Promise<PlanName> {
  const { plan, isSuspended } = await currentAccount(userId, deps);
  if (isSuspended) throw suspended();
  const rate = { limit: plans[plan].triesPerMinute, windowSeconds: 60 };
  const now = deps.clock.now();
  if (await deps.rates.take(`test-${what} ${userId}`, rate, now)) return plan;
  throw new RequestError(
    'rate_limited',
    `The ${plan} plan tries ${rate.limit} ${what}s a minute. Wait for the next minute.`,
    { retryAfterSeconds: secondsLeft(rate, now), rate },
  );
}
