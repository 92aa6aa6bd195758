import type { Metrics } from '#core/metrics';
import type { FinalStatus, RejectReason, Run, StepRecord, TriggeredBy } from '#core/runs/run';

/** Most values of one measurement that one run adds: a loop of thousands must not flood the log. */
const MOST_VALUES = 50;

/** The measurement that counts each way a run may end. */
const ENDED = {
  success: 'RunsSucceeded',
  failed: 'RunsFailed',
  cancelled: 'RunsCancelled',
} as const;

/** Takes down that a run was taken up. @param now epoch milliseconds */
export function recordStart(metrics: Metrics, run: Run, now: number): void {
  const lag = Math.max(0, now - Date.parse(run.triggeredAt));
  metrics.record('Trigger', run.triggeredBy, { RunsStarted: 1, StartLag: lag });
}

/** Takes down that triggers led to no run. @param count how many */
export function recordRejection(
  metrics: Metrics,
  triggeredBy: TriggeredBy,
  reason: RejectReason,
  count = 1,
): void {
  metrics.record('Trigger', triggeredBy, { RunsRejected: count });
  metrics.record('Reason', reason, { Rejections: count });
}

/** How a run ended, and the credits that it was charged. */
export type Ended = {
  readonly status: Exclude<FinalStatus, 'rejected'>;
  readonly charged: number;
};

/** Takes down how a run went. @param now epoch milliseconds at which it ended */
export function recordEnd(
  metrics: Metrics,
  run: Run,
  { status, charged }: Ended,
  records: Iterable<StepRecord>,
  now: number,
): void {
  metrics.record('Trigger', run.triggeredBy, {
    [ENDED[status]]: 1,
    ...(charged > 0 && { CreditsCharged: charged }),
    RunDuration: Math.max(0, now - Date.parse(run.startedAt ?? run.triggeredAt)),
  });
  for (const [type, { durations, retries }] of byType(records)) {
    metrics.record('Action', type, {
      StepDuration: durations.slice(0, MOST_VALUES),
      ...(retries > 0 && { StepRetries: retries }),
    });
  }
}

function byType(records: Iterable<StepRecord>) {
  const types = new Map<string, { durations: number[]; retries: number }>();
  for (const { type, startedAt, finishedAt, attempts } of records) {
    const known = types.get(type) ?? { durations: [], retries: 0 };
    known.durations.push(Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)));
    known.retries += Math.max(0, attempts - 1);
    types.set(type, known);
  }
  return types;
}
