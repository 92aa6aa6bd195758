import { type Counts, invocations } from '#test/bench/operations';
import { ASSUMED, PRICES } from '#test/bench/prices';

/** One line of a bill. */
export type BillLine = {
  readonly item: string;
  /** How many a run, in the item's unit. */
  readonly quantity: number;
  readonly dollarsPerMillion: number;
};

/** What is known about a function besides its use. */
export type FunctionFacts = {
  readonly memoryMb: number;
  /** Whether it takes runs off the queue. */
  readonly isDispatch: boolean;
  /** Whether it executes actions. */
  readonly isExecuting: boolean;
};

const MILLION = 1_000_000;
const GB_BYTES = 1_000_000_000;
const MB_PER_GB = 1_024;

/**
 * What a million runs cost on AWS. Operations are the counted ones; durations of invocations are assumed, because
 * on one machine they say nothing about AWS. Actions are billed to the dearest function that executed any of the run.
 *
 * @param counts of one run (averages).
 * @param functions by name. @throws Error when an invoked one is not among them.
 */
export function bill(
  counts: Counts,
  steps: number,
  functions: ReadonlyMap<string, FunctionFacts>,
): BillLine[] {
  const invoked = invocations(counts).map(([name, count]) => {
    const facts = functions.get(name);
    if (!facts) throw new Error(`The template has no function ${name}.`);
    return { count, ...facts };
  });
  const total = sum(invoked.map(({ count }) => count));
  const gbSecondsOf = (memoryMb: number, ms: number) => ((memoryMb / MB_PER_GB) * ms) / 1_000;
  const itself = invoked.map(
    ({ count, memoryMb, isExecuting }) =>
      count * gbSecondsOf(memoryMb, isExecuting ? ASSUMED.executingMs : ASSUMED.shortInvocationMs),
  );
  const executing = invoked.filter(({ isExecuting }) => isExecuting);
  const executorMb = Math.max(0, ...executing.map(({ memoryMb }) => memoryMb));
  const events = counts['events.PutEvents'] ?? 0;
  const executedMs = steps * ASSUMED.actionMs + events * ASSUMED.eventMs;
  const gbSeconds = sum(itself) + gbSecondsOf(executorMb, executedMs);
  const messages = sum(invoked.filter(({ isDispatch }) => isDispatch).map(({ count }) => count));
  const sent = counts['sqs.SendMessage'] ?? 0;
  const http = counts['http'] ?? 0;
  const logBytes =
    (counts['log_bytes'] ?? 0) + total * ASSUMED.platformLogBytes + http * ASSUMED.accessLogBytes;
  const writeUnits = counts['write_units'] ?? 0;
  const readUnits = counts['read_units'] ?? 0;
  const requests = sent + messages * ASSUMED.pollerRequestsPerMessage;
  const traces = total * ASSUMED.tracedShare;
  const transitions = counts['state_transitions'] ?? 0;
  return [
    line('HTTP API, requests', http, http * PRICES.httpApiMillion),
    line('Lambda, invocations', total, total * PRICES.lambdaMillion),
    line(
      'Lambda, GB-s (assumed durations)',
      gbSeconds,
      gbSeconds * PRICES.lambdaArmGbSecond * MILLION,
    ),
    line('DynamoDB, WRU', writeUnits, writeUnits * PRICES.writeUnitsMillion),
    line('DynamoDB, RRU', readUnits, readUnits * PRICES.readUnitsMillion),
    line('SQS, requests', requests, requests * PRICES.sqsMillion + sent * PRICES.sqsFairMillion),
    line('Step Functions, transitions', transitions, transitions * PRICES.transitionsMillion),
    line('EventBridge, events', events, events * PRICES.eventsMillion),
    line('Logs, KB', logBytes / 1_000, (logBytes * MILLION * PRICES.logsGb) / GB_BYTES),
    line('X-Ray, traces', traces, traces * PRICES.tracesMillion),
  ];
}

/** What an idle stack costs a month: the sweeper each minute, and the queue's pollers. */
export function idleBill(
  sweep: Counts,
  functions: ReadonlyMap<string, FunctionFacts>,
): readonly (readonly [item: string, dollarsPerMonth: number])[] {
  const sweeps = ASSUMED.minutesPerMonth / MILLION;
  const perMillionSweeps = sum(bill(sweep, 0, functions).map((one) => one.dollarsPerMillion));
  return [
    ['Scheduler, an invocation a minute', sweeps * PRICES.schedulerMillion],
    ['Sweeper: Lambda, DynamoDB, logs, traces', sweeps * perMillionSweeps],
    ['SQS, empty receives', (ASSUMED.emptyReceivesPerMonth / MILLION) * PRICES.sqsMillion],
  ];
}

/** The part of a template that says what stands there, used or not. */
type Declared = Readonly<
  Record<string, { readonly Type: string; readonly Properties?: { readonly Metrics?: unknown } }>
>;

/** What resources cost a month because they are there. */
export function standingBill(
  resources: Declared,
): readonly (readonly [item: string, dollarsPerMonth: number])[] {
  const declared = Object.values(resources);
  const count = (type: string) => declared.filter(({ Type }) => Type === type).length;
  const alarmMetrics = declared
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) => measured(Properties?.Metrics));
  return [
    ['CloudWatch, metrics of alarms', sum(alarmMetrics) * PRICES.alarmMetricMonth],
    ['CloudWatch, dashboards', count('AWS::CloudWatch::Dashboard') * PRICES.dashboardMonth],
    ['KMS, keys', count('AWS::KMS::Key') * PRICES.keyMonth],
  ];
}

/** Metrics that an alarm reads: one, unless it computes with several. */
function measured(metrics: unknown): number {
  if (!Array.isArray(metrics)) return 1;
  return metrics.filter((one: object) => 'MetricStat' in one).length;
}

/** Dollars of a million runs, all lines together. */
export function totalOf(lines: readonly BillLine[]): number {
  return sum(lines.map((one) => one.dollarsPerMillion));
}

function line(item: string, quantity: number, dollarsPerMillion: number): BillLine {
  return { item, quantity, dollarsPerMillion };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
