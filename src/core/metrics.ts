import type { RejectReason, TriggeredBy } from '#core/runs/run';

/**
 * The measurements of the product. What is not in this list is not emitted, and alarms and the
 * CloudWatch dashboard name nothing else. `by` is the one dimension of a measurement: each of its
 * values is a metric of its own on the bill, so it is never an id.
 */
export const METRICS = {
  /** Runs that a worker took up for the first time. */
  RunsStarted: { unit: 'Count', by: 'Trigger' },
  RunsSucceeded: { unit: 'Count', by: 'Trigger' },
  RunsFailed: { unit: 'Count', by: 'Trigger' },
  RunsCancelled: { unit: 'Count', by: 'Trigger' },
  /** Runs that were refused, and scheduled times that were given up. */
  RunsRejected: { unit: 'Count', by: 'Trigger' },
  /** The same, by why. */
  Rejections: { unit: 'Count', by: 'Reason' },
  /** Credits that runs cost their owners. */
  CreditsCharged: { unit: 'Count', by: 'Trigger' },
  /** From the trigger to the first step, queueing included. */
  StartLag: { unit: 'Milliseconds', by: 'Trigger' },
  /** From the first step to the end, waits included. */
  RunDuration: { unit: 'Milliseconds', by: 'Trigger' },
  StepDuration: { unit: 'Milliseconds', by: 'Action' },
  /** Attempts at steps beyond the first. */
  StepRetries: { unit: 'Count', by: 'Action' },
  /** What language models read. */
  ModelTokensRead: { unit: 'Count', by: 'Model' },
  /** What language models wrote. */
  ModelTokensWritten: { unit: 'Count', by: 'Model' },
  /** Scheduled times that the fast path did not start: the sweeper did. */
  MissedFires: { unit: 'Count', by: 'Repair' },
  /** Runs whose worker had died, or that no worker took up in time. */
  StuckRuns: { unit: 'Count', by: 'Repair' },
} as const satisfies Record<string, { unit: 'Count' | 'Milliseconds'; by: string }>;

/** The name of a measurement. */
export type MetricName = keyof typeof METRICS;

/** What a dimension may say. */
export type DimensionValues = {
  readonly Trigger: TriggeredBy;
  /** An action type of the catalogue. */
  readonly Action: string;
  readonly Reason: RejectReason;
  /** The deployment's own, or one that a user has connected. */
  readonly Model: 'own' | 'connected';
  readonly Repair: 'sweep';
};
type By = keyof DimensionValues;
type MeasuredBy<Dimension extends By> = {
  [Name in MetricName]: (typeof METRICS)[Name]['by'] extends Dimension ? Name : never;
}[MetricName];

/** Takes measurements down. Never throws, and costs no call. */
export type Metrics = {
  /**
   * Takes down values that belong together; several values of one measurement are a list.
   *
   * @param by the dimension that they share
   */
  record<Dimension extends By>(
    by: Dimension,
    value: DimensionValues[Dimension],
    values: Readonly<Partial<Record<MeasuredBy<Dimension>, number | readonly number[]>>>,
  ): void;
};
