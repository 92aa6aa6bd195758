import type { Authenticate } from '#adapters/tokens';
import { RequestError } from '#core/errors';
import { plans } from '#core/limits/plans';
import type { TokenBuckets } from '#core/limits/rates';
import { currentAccount, type UsageDeps } from '#core/limits/usage';

/** A plan that was looked up counts for this long, in milliseconds. */
const PLAN_KEPT_MS = 60_000;

/** Users whose plan a worker remembers at most. */
const MOST_USERS = 1_000;

/**
 * Authentication that lets a user call only as often as the plan says.
 *
 * @throws RequestError `rate_limited` besides what authentication throws
 */
export function limitCalls(
  authenticate: Authenticate,
  deps: UsageDeps & { readonly buckets: TokenBuckets },
): Authenticate {
  const known = new Map<
    string,
    { readonly size: ReturnType<typeof sizeOf>; readonly until: number }
  >();

  async function sizeFor(userId: string, now: number) {
    const found = known.get(userId);
    if (found && found.until > now) return found.size;
    const { plan } = await currentAccount(userId, deps);
    if (known.size >= MOST_USERS) known.clear();
    known.set(userId, { size: sizeOf(plan), until: now + PLAN_KEPT_MS });
    return sizeOf(plan);
  }

  return async (authorization) => {
    const caller = await authenticate(authorization);
    // Operators act for everybody, and must get through when it matters.
    if (caller.isAdmin) return caller;
    const now = deps.clock.now();
    const size = await sizeFor(caller.userId, now);
    const taken = await deps.buckets.take(`api ${caller.userId}`, size, now);
    if (taken.isTaken) return caller;
    throw new RequestError(
      'rate_limited',
      `Your plan allows ${size.perSecond} requests a second, and ${size.burst} at once. Wait, or call less often.`,
      {
        retryAfterSeconds: Math.max(1, Math.ceil(taken.waitMs / 1_000)),
        rate: { limit: size.burst, windowSeconds: Math.ceil(size.burst / size.perSecond) },
      },
    );
  };
}

function sizeOf(plan: keyof typeof plans) {
  const { apiBurst: burst, apiPerSecond: perSecond } = plans[plan];
  return { burst, perSecond };
}
