import { ClaimLostError, InsufficientCreditsError } from '#core/errors';
import { takeFromAccount } from '#core/limits/admission';
import { type Execution, remember } from '#core/runs/execution';
import type { StepRecord } from '#core/runs/run';
import { itemOf } from '#core/steps/step-path';

/**
 * Reserves credits for a step whose price is only known now: with them its state is written, so that
 * a run that is carried on does not reserve again. What is not used comes back when the run ends.
 *
 * @param record the step's state, which says how many credits it takes
 * @param forWhat begins the sentence that tells of too few, such as `The 20 items of this loop`
 * @throws InsufficientCreditsError, and nothing is taken
 * @throws RunCancelledError when no further step may start
 */
export async function reserveCredits(
  record: StepRecord,
  forWhat: string,
  execution: Execution,
): Promise<void> {
  const { deps, claim, pending } = execution;
  const credits = record.creditsReserved ?? 0;
  const item = itemOf(record.path);
  const others = (pending.get(item) ?? []).filter(({ path }) => path !== record.path);
  const records = [...others, record];
  // To look at an account opens it; one that was removed must stay so.
  if ((await deps.credits.find(claim.userId)) === undefined) {
    throw new ClaimLostError('The account of this run is gone.');
  }
  await takeFromAccount(
    claim.userId,
    credits,
    deps,
    ({ balance }) => (balance < credits ? tooFew(forWhat, credits, balance) : undefined),
    (admission) => deps.runs.reserve(claim, admission, item, records, deps.clock.now()),
  );
  pending.delete(item);
  remember(record, execution);
  execution.progressKnown = true;
  execution.creditsReserved += credits;
}

function tooFew(forWhat: string, credits: number, balance: number): InsufficientCreditsError {
  return new InsufficientCreditsError(
    `${forWhat} may cost ${counted(credits)}, and ${balance} ${balance === 1 ? 'is' : 'are'} left. Buy credits, change the plan, or wait for next month; then replay the run from this step.`,
  );
}

/** Such as `1 credit`. */
export function counted(credits: number): string {
  return `${credits} ${credits === 1 ? 'credit' : 'credits'}`;
}
