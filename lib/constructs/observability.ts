import { Duration, Stack } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  LogQueryWidget,
  MathExpression,
  SingleValueWidget,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { type ILogGroup, QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { StageConfig } from '../config/stages.ts';
import { ownMetrics } from './metrics.ts';

/** What is watched. */
export type ObservabilityProps = {
  readonly stage: StageConfig;
  /** By the name of their folder. */
  readonly functions: Readonly<Record<string, LambdaFunction>>;
  readonly queue: IQueue;
  readonly deadLetters: IQueue;
  readonly api: HttpApi;
};

const PERIOD = Duration.minutes(5);
const HALF = 12;
const HEIGHT = 6;

/**
 * What an operator sees: one dashboard, saved log queries, and alarms that go to one topic, which
 * people subscribe to. Quiet hours cost nothing: no data means no alarm.
 */
export class Observability extends Construct {
  readonly alarms: Topic;
  readonly #props: ObservabilityProps;
  readonly #own: ReturnType<typeof ownMetrics>;

  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    this.#props = props;
    this.#own = ownMetrics(props.stage.stackName, PERIOD);
    this.alarms = new Topic(this, 'Alarms', { enforceSSL: true });
    this.#addAlarms();
    this.#addDashboard();
    this.#addQueries();
  }

  #addAlarms(): void {
    const { functions, queue, deadLetters, api } = this.#props;
    const all = Object.values(functions);
    const options = { period: PERIOD };
    this.#alarm('DeadLetters', 'Runs were given up that kept killing their worker.', {
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({
        ...options,
        statistic: 'max',
      }),
      above: 0,
    });
    this.#alarm('QueueAge', 'Runs wait for a worker for over two minutes.', {
      metric: queue.metricApproximateAgeOfOldestMessage({ ...options, statistic: 'max' }),
      above: 120,
    });
    // Each metric of an alarm costs as much as an alarm, so these name no more than they need.
    this.#alarm('FunctionErrors', 'Functions fail: see the newest errors on the dashboard.', {
      metric: sum(all.map((one) => one.metricErrors(options))),
      above: 10,
      for: 2,
    });
    this.#alarm('Throttles', 'Functions of this account are throttled: raise its concurrency.', {
      metric: LambdaFunction.metricAllThrottles({ ...options, statistic: Stats.SUM }),
      above: 0,
      for: 2,
    });
    this.#alarm('ServerErrors', 'More than 1 in 100 API requests fail on our side.', {
      metric: percentage(api.metricServerError(options), api.metricCount(options)),
      above: 1,
      for: 2,
    });
    this.#alarm('FailedRuns', 'More than half of all runs fail.', {
      metric: new MathExpression({
        expression: 'IF(failed + succeeded > 20, 100 * failed / (failed + succeeded), 0)',
        usingMetrics: {
          failed: this.#own.total('RunsFailed', 'Trigger'),
          succeeded: this.#own.total('RunsSucceeded', 'Trigger'),
        },
        period: PERIOD,
        label: 'Failed runs, %',
      }),
      above: 50,
      for: 3,
    });
    this.#alarm('MissedFires', 'EventBridge left scheduled times to the sweeper.', {
      metric: this.#own.total('MissedFires', 'Repair'),
      above: 20,
      for: 2,
    });
    this.#alarm('StuckRuns', 'Workers die while they execute runs.', {
      metric: this.#own.total('StuckRuns', 'Repair'),
      above: 5,
      for: 2,
    });
  }

  /** @param rule.for periods in a row for which it must hold */
  #alarm(
    id: string,
    alarmDescription: string,
    rule: { readonly metric: IMetric; readonly above: number; readonly for?: number },
  ): void {
    new Alarm(this, id, {
      alarmDescription,
      metric: rule.metric,
      threshold: rule.above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: rule.for ?? 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(new SnsAction(this.alarms));
  }

  #addDashboard(): void {
    const { functions, queue, deadLetters, api, stage } = this.#props;
    const own = this.#own;
    const all = Object.values(functions);
    const options = { period: PERIOD };
    const graph = (title: string, left: IMetric[], label?: string) =>
      new GraphWidget({
        title,
        left,
        width: HALF,
        height: HEIGHT,
        ...(label && { leftYAxis: { label, min: 0, showUnits: false } }),
      });
    const dashboard = new Dashboard(this, 'Dashboard', {
      dashboardName: `${stage.stackName}-${Stack.of(this).region}`,
      defaultInterval: Duration.hours(12),
    });
    dashboard.addWidgets(
      new SingleValueWidget({
        title: 'Runs',
        width: 24,
        height: 4,
        metrics: [
          own.total('RunsStarted', 'Trigger'),
          own.total('RunsSucceeded', 'Trigger'),
          own.total('RunsFailed', 'Trigger'),
          own.total('RunsCancelled', 'Trigger'),
          own.total('RunsRejected', 'Trigger'),
        ],
      }),
    );
    dashboard.addWidgets(
      graph('Runs by trigger', own.each('RunsStarted', 'Trigger')),
      graph('Failed runs by trigger', own.each('RunsFailed', 'Trigger')),
      graph('Refused runs by trigger', own.each('RunsRejected', 'Trigger')),
      graph('Refused runs by reason', own.each('Rejections', 'Reason')),
      graph('From trigger to first step, p95', own.each('StartLag', 'Trigger', 'p95'), 'ms'),
      graph('Duration of runs, p95', own.each('RunDuration', 'Trigger', 'p95'), 'ms'),
      graph('Duration of steps by action, p95', [own.byAction('StepDuration', 'p95')], 'ms'),
      graph('Credits by trigger', own.each('CreditsCharged', 'Trigger')),
      graph('Tokens of language models', [
        ...own.each('ModelTokensRead', 'Model'),
        ...own.each('ModelTokensWritten', 'Model'),
      ]),
      graph('Repeated attempts by action', [own.byAction('StepRetries', 'Sum')]),
      graph('Run queue', [
        queue.metricApproximateNumberOfMessagesVisible(options),
        queue.metricApproximateAgeOfOldestMessage(options),
        deadLetters.metricApproximateNumberOfMessagesVisible(options),
      ]),
      graph('Repairs by the sweeper', [
        ...own.each('MissedFires', 'Repair'),
        ...own.each('StuckRuns', 'Repair'),
      ]),
      graph(
        'Function errors',
        all.map((one) => one.metricErrors(options)),
      ),
      graph(
        'Function duration, p95',
        all.map((one) => one.metricDuration({ ...options, statistic: Stats.p(95) })),
        'ms',
      ),
      graph('API', [
        api.metricCount(options),
        api.metricClientError(options),
        api.metricServerError(options),
      ]),
      graph('API latency, p95', [api.metricLatency({ ...options, statistic: Stats.p(95) })], 'ms'),
      new LogQueryWidget({
        title: 'Newest errors',
        logGroupNames: this.#logGroups().map((group) => group.logGroupName),
        queryLines: [
          'fields @timestamp, service, message, runId',
          'filter level = "ERROR"',
          'sort @timestamp desc',
          'limit 50',
        ],
        width: 24,
        height: HEIGHT,
      }),
    );
  }

  #addQueries(): void {
    const logGroups = this.#logGroups();
    const save = (id: string, name: string, props: ConstructorParameters<typeof QueryString>[0]) =>
      new QueryDefinition(this, id, {
        queryDefinitionName: `${this.#props.stage.stackName}/${name}`,
        queryString: new QueryString(props),
        logGroups,
      });
    save('RunQuery', 'Everything about one run', {
      fields: ['@timestamp', 'service', 'level', 'message'],
      filterStatements: ['runId = "run_…"'],
      sort: '@timestamp asc',
      limit: 1000,
    });
    save('ErrorQuery', 'Errors by message', {
      filterStatements: ['level = "ERROR"'],
      statsStatements: ['count(*) as times, latest(@timestamp) as last by service, message'],
      sort: 'times desc',
    });
    save('SlowQuery', 'Slowest invocations', {
      fields: ['@timestamp', '@log', '@duration', '@maxMemoryUsed'],
      filterStatements: ['@type = "REPORT"'],
      sort: '@duration desc',
      limit: 50,
    });
  }

  #logGroups(): ILogGroup[] {
    return Object.values(this.#props.functions).map((one) => one.logGroup);
  }
}

function sum(metrics: readonly IMetric[]): MathExpression {
  const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  return new MathExpression({
    expression: `SUM([${Object.keys(usingMetrics).join(', ')}])`,
    usingMetrics,
    period: PERIOD,
  });
}

function percentage(part: IMetric, whole: IMetric): MathExpression {
  return new MathExpression({
    expression: '100 * part / whole',
    usingMetrics: { part, whole },
    period: PERIOD,
    label: '%',
  });
}
