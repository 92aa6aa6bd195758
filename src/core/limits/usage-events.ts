import type { Clock, Log } from '#core/ports';
import type { Run, RunRef } from '#core/runs/run';
import type { AnnounceEnd } from '#core/runs/run-ending';

/**
 * What is told to those who meter and bill of a run that is over. Published, so that nothing in it is
 * ever renamed. All events of one run are the same, and `id` is what they are known by.
 */
export type UsageEvent = {
  /** The run's: a run is over once. */
  readonly id: string;
  readonly run_id: string;
  readonly user_id: string;
  readonly agent_id: string;
  /** The owner's plan when the run was accepted. */
  readonly plan: string;
  readonly status: string;
  readonly triggered_by: string;
  /** ISO 8601, as the two below. */
  readonly triggered_at: string;
  /** null for a run that was cancelled before it began. */
  readonly started_at: string | null;
  readonly finished_at: string;
  /** Whole credits, as the ledger has them. */
  readonly credits_charged: number;
  /** US dollars that its steps spent on language models. */
  readonly cost_usd: number;
};

/** Where usage is told. */
export type UsageEvents = {
  /** @throws Error when it was not taken */
  publish(event: UsageEvent): Promise<void>;
};

/** An event that waits to be published. @see UsageOutbox */
export type KeptEvent = { readonly event: UsageEvent; readonly dueAt: string };

/** Where events wait that could not be published at once. */
export type UsageOutbox = {
  /** @param dueAt epoch milliseconds at which the sweeper publishes it */
  keep(event: UsageEvent, dueAt: number): Promise<void>;
  find(ref: RunRef): Promise<KeptEvent | undefined>;
  /** Keeps others from publishing it until then; false when somebody else has. @param until epoch milliseconds */
  hold(kept: KeptEvent, until: number): Promise<boolean>;
  remove(ref: RunRef): Promise<void>;
};

/** What telling usage works with. */
export type UsageEventDeps = {
  readonly usageEvents: UsageEvents;
  readonly outbox: UsageOutbox;
  readonly clock: Clock;
  readonly log: Log;
};

/** An event that was not taken is published again after this, in milliseconds. */
const AGAIN_MS = 300_000;

/**
 * Tells of the usage of every run that is over. A run's end is written before, and does not depend on
 * it: what is not taken now waits in the outbox. Only when that cannot be written either does it throw,
 * so that whoever announces the end does so again.
 */
export function tellUsage({ usageEvents, outbox, clock, log }: UsageEventDeps): AnnounceEnd {
  return async (run) => {
    const event = usageEventOf(run);
    if (event === undefined) return;
    try {
      await usageEvents.publish(event);
    } catch (error) {
      log.warn('usage event kept for later', { runId: run.runId, error });
      await outbox.keep(event, clock.now());
    }
  };
}

/** Publishes an event that waits. Told twice rather than never. */
export async function tendUsage(ref: RunRef, deps: UsageEventDeps): Promise<void> {
  const kept = await deps.outbox.find(ref);
  if (kept === undefined) return;
  if (!(await deps.outbox.hold(kept, deps.clock.now() + AGAIN_MS))) return;
  try {
    await deps.usageEvents.publish(kept.event);
  } catch (error) {
    deps.log.warn('usage event not taken', { runId: ref.runId, error });
    return;
  }
  await deps.outbox.remove(ref);
}

/** @returns undefined for what used nothing: a run that is open, or was never accepted */
function usageEventOf(run: Run): UsageEvent | undefined {
  if (run.finishedAt === undefined || run.creditsCharged === undefined) return undefined;
  return {
    id: run.runId,
    run_id: run.runId,
    user_id: run.userId,
    agent_id: run.agentId,
    plan: run.plan,
    status: run.status,
    triggered_by: run.triggeredBy,
    triggered_at: run.triggeredAt,
    started_at: run.startedAt ?? null,
    finished_at: run.finishedAt,
    credits_charged: run.creditsCharged,
    cost_usd: run.costUsd ?? 0,
  };
}
