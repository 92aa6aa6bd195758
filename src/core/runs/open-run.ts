import { createHash } from 'node:crypto';
import { RequestError } from '#core/errors';
import { newId, type RandomBytes } from '#core/ids';
import { type AdmissionDeps, admitRun, rejectionOf } from '#core/limits/admission';
import type { Metrics } from '#core/metrics';
import { INLINE_BYTES, type Payload } from '#core/payload';
import type { Clock, Log } from '#core/ports';
import { refuseLoop } from '#core/runs/depth';
import type { PayloadStore } from '#core/runs/payload-store';
import type { Run, RunRef, TriggeredBy, TriggerPayload } from '#core/runs/run';
import { recordRejection } from '#core/runs/run-metrics';
import type { RunQueue } from '#core/runs/run-queue';
import type { DedupeKey, Duplicate, RunStore } from '#core/runs/run-store';

/** What opening a run works with. */
export type OpenRunDeps = AdmissionDeps & {
  readonly runs: Pick<RunStore, 'create' | 'findDuplicate'>;
  readonly payloads: Pick<PayloadStore, 'put' | 'discard'>;
  readonly queue: Pick<RunQueue, 'enqueue'>;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly log: Log;
  readonly metrics: Metrics;
};

/** A trigger that has been found genuine. */
export type OpenRunRequest = {
  readonly userId: string;
  readonly agentId: string;
  readonly agentVersion: number;
  readonly retentionDays: number;
  readonly triggeredBy: TriggeredBy;
  readonly trigger: TriggerPayload;
  /** Most that it may cost, which is reserved. */
  readonly mostCredits: number;
  /** How many runs started each other up to this trigger. @default 0 */
  readonly depth?: number;
  /** What makes the trigger unique, and for how long. */
  readonly idempotency?: IdempotencyKey;
  /** The run that it replays, and states of steps that are taken over from it. */
  readonly replay?: {
    readonly of: string;
    readonly steps: (ref: RunRef) => Promise<Run['steps']>;
  };
  /** Throws when there is no room for one more run; not asked about a trigger that came before. */
  readonly admit?: () => Promise<void>;
};

/** A key of the caller's own, or the id that a provider gives its delivery. */
export type IdempotencyKey = {
  readonly by: 'caller' | 'provider';
  readonly key: string;
  readonly windowSeconds: number;
};

/** The run that a trigger leads to. */
export type OpenedRun = { readonly runId: string; readonly duplicate: boolean };

/** After this the sweeper looks whether the run has been taken up, in milliseconds. */
export const FIRST_LOOK_MS = 60_000;

/**
 * Writes a queued run and puts it on the queue. Once this returns the run is durable and will
 * reach a final state: when enqueueing fails, the sweeper enqueues it.
 *
 * @throws RequestError `conflict` when the idempotency key came with another body before, or runs
 *   start each other without end;
 *   `insufficient_credits`, `quota_exceeded` or `forbidden` when the owner may start no more runs.
 */
export async function openRun(request: OpenRunRequest, deps: OpenRunDeps): Promise<OpenedRun> {
  const { depth = 0 } = request;
  refuseLoop(depth);
  const now = deps.clock.now();
  const dedupe = dedupeKey(request, now);
  const earlier = dedupe && (await deps.runs.findDuplicate(request.userId, dedupe, now));
  if (earlier) return sameRun(earlier, request, dedupe);
  await request.admit?.();
  const ref = { userId: request.userId, runId: newId('run', now, deps.randomBytes) };
  const run = {
    ...ref,
    agentId: request.agentId,
    agentVersion: request.agentVersion,
    status: 'queued' as const,
    triggeredBy: request.triggeredBy,
    triggeredAt: new Date(now).toISOString(),
    steps: {},
    ...(request.replay && { replayOf: request.replay.of }),
    creditsReserved: request.mostCredits,
    depth,
    retentionDays: request.retentionDays,
    claims: 0,
    faults: 0,
    waits: 0,
    epoch: 0,
    workedMs: 0,
    dueAt: new Date(now + FIRST_LOOK_MS).toISOString(),
    logTail: [],
  };
  const created = await createOrDiscard(run, request, dedupe, deps);
  if (created.outcome === 'duplicate') return sameRun(created, request, dedupe);
  await enqueueOrLeave(ref, deps);
  return { runId: ref.runId, duplicate: false };
}

/** The body is kept once the run seems to fit; one that no run came to name must not stay behind. */
async function createOrDiscard(
  run: Omit<Run, 'trigger' | 'plan'>,
  request: OpenRunRequest,
  dedupe: DedupeKey | undefined,
  deps: OpenRunDeps,
) {
  let trigger: Payload | undefined;
  let steps: Run['steps'] | undefined;
  const discard = async () => {
    if (trigger) await deps.payloads.discard(run, trigger);
  };
  try {
    const { userId, creditsReserved } = run;
    const created = await admitRun(userId, creditsReserved, deps, async (admission) => {
      const body = JSON.stringify(request.trigger);
      trigger ??= await deps.payloads.put(run, 'trigger', body, INLINE_BYTES);
      steps ??= (await request.replay?.steps(run)) ?? {};
      const { plan } = admission.account;
      return deps.runs.create({ ...run, plan, trigger, steps }, dedupe, admission);
    });
    if (created.outcome === 'duplicate') await discard();
    return created;
  } catch (error) {
    const reason = rejectionOf(error);
    if (reason) recordRejection(deps.metrics, run.triggeredBy, reason);
    if (error instanceof RequestError) await discard();
    throw error;
  }
}

/** Only a caller's own key promises that the body is the same; a provider may repeat an event changed. */
function sameRun(
  earlier: Duplicate,
  request: OpenRunRequest,
  dedupe: DedupeKey | undefined,
): OpenedRun {
  if (request.idempotency?.by === 'provider' || earlier.bodyDigest === dedupe?.bodyDigest) {
    return { runId: earlier.runId, duplicate: true };
  }
  throw new RequestError(
    'conflict',
    'This Idempotency-Key was used before with another body. Send the same body, or a new key.',
  );
}

async function enqueueOrLeave(
  ref: { readonly userId: string; readonly runId: string },
  deps: OpenRunDeps,
): Promise<void> {
  try {
    await deps.queue.enqueue(ref);
  } catch (error) {
    deps.log.warn('run not enqueued, left to the sweeper', { runId: ref.runId, error });
  }
}

function dedupeKey(request: OpenRunRequest, now: number): DedupeKey | undefined {
  const { idempotency } = request;
  if (idempotency === undefined) return undefined;
  return {
    digest: sha256(`${idempotency.by}:${request.agentId}:${idempotency.key}`),
    bodyDigest: sha256(JSON.stringify(request.trigger.body ?? null)),
    expiresAt: Math.floor(now / 1_000) + idempotency.windowSeconds,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
