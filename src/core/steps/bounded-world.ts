import { ActionRejectedError, ActionUnavailableError, StoreFaultError } from '#core/errors';
import type { OutgoingRequest } from '#core/http';
import { plans } from '#core/limits/plans';
import { mailRateName, type Rate, type Rates, secondsLeft } from '#core/limits/rates';
import { planMailer } from '#core/mail/plan-mailer';
import type { Clock } from '#core/ports';
import { DEPTH_HEADER } from '#core/runs/depth';
import type { Run } from '#core/runs/run';
import type { World } from '#core/world';

/** What bounding works with. */
export type BoundDeps = { readonly rates: Rates; readonly clock: Clock };

/** The outside world as one run may reach it: only as often as its owner's plan says. */
export function boundedWorld(
  world: World,
  run: Pick<Run, 'userId' | 'plan' | 'depth'>,
  deps: BoundDeps,
): World {
  const plan = plans[run.plan];
  const perHost = { limit: plan.requestsPerHostPerMinute, windowSeconds: 60 };
  const perDay = { limit: plan.mailsPerDay, windowSeconds: 86_400 };
  const mailer = planMailer(world.mail, run, world.profiles);
  return {
    ...world,
    http: {
      ...world.http,
      async send(request, options) {
        const host = hostOf(request);
        const told = `This plan sends ${perHost.limit} requests a minute to one host, and ${host} has had them.`;
        await take(`host ${run.userId} ${host}`, perHost, told, deps);
        return world.http.send(withDepth(request, run.depth + 1), options);
      },
    },
    mail: {
      ...world.mail,
      async send(mail) {
        const told = `This plan sends ${perDay.limit} e-mails a day, and they are used up. Change the plan, or wait until tomorrow (UTC).`;
        const now = deps.clock.now();
        if (!(await isLeft(mailRateName(run.userId), perDay, now, deps))) {
          throw new ActionRejectedError(told);
        }
        return mailer.send(mail);
      },
    },
  };
}

/** A minute passes: the step is tried again then. */
async function take(name: string, rate: Rate, told: string, deps: BoundDeps): Promise<void> {
  const now = deps.clock.now();
  if (await isLeft(name, rate, now, deps)) return;
  throw new ActionUnavailableError(told, { retryAfterSeconds: secondsLeft(rate, now) });
}

async function isLeft(
  name: string,
  rate: Rate,
  now: number,
  { rates }: BoundDeps,
): Promise<boolean> {
  try {
    return await rates.take(name, rate, now);
  } catch (cause) {
    throw new StoreFaultError('The counters of a plan did not answer.', { cause });
  }
}

/** The host that is asked; an address that is none is told by whoever sends it. */
function hostOf({ url }: OutgoingRequest): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}

function withDepth(request: OutgoingRequest, depth: number): OutgoingRequest {
  const given = Object.entries(request.headers).filter(
    ([name]) => name.toLowerCase() !== DEPTH_HEADER,
  );
  return { ...request, headers: { ...Object.fromEntries(given), [DEPTH_HEADER]: String(depth) } };
}
