import type { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { DimensionValues, METRICS, MetricName } from '#core/metrics';

/** Every value that each dimension has; a total is the sum over them. */
const VALUES = {
  Trigger: ['schedule', 'webhook', 'manual', 'replay'],
  Reason: ['missed', 'credits', 'quota', 'disabled'],
  Model: ['own', 'connected'],
  Repair: ['sweep'],
} as const satisfies {
  [By in Exclude<keyof DimensionValues, 'Action'>]: readonly DimensionValues[By][];
};

/** The measurements whose dimension has a known list of values. */
type Listed = {
  [Name in MetricName]: (typeof METRICS)[Name]['by'] extends keyof typeof VALUES ? Name : never;
}[MetricName];

/** The product's own measurements, under the stage's namespace. */
export function ownMetrics(namespace: string, period: Duration) {
  const metric = <Name extends Listed>(
    name: Name,
    by: (typeof METRICS)[Name]['by'] & keyof typeof VALUES,
    value: string,
    statistic: string,
  ) =>
    new Metric({
      namespace,
      metricName: name,
      dimensionsMap: { service: 'agents', [by]: value },
      statistic,
      period,
      label: `${name} ${value}`,
    });

  return {
    /** One line for each value of the dimension. */
    each: <Name extends Listed>(
      name: Name,
      by: (typeof METRICS)[Name]['by'] & keyof typeof VALUES,
      statistic: string = Stats.SUM,
    ) => VALUES[by].map((value) => metric(name, by, value, statistic)),
    /** The sum over all values of the dimension. */
    total: <Name extends Listed>(
      name: Name,
      by: (typeof METRICS)[Name]['by'] & keyof typeof VALUES,
    ) => {
      const parts = VALUES[by].map((value) => metric(name, by, value, Stats.SUM));
      const usingMetrics = Object.fromEntries(
        parts.map((part, index) => [`${name.toLowerCase()}${index}`, part]),
      );
      return new MathExpression({
        expression: `SUM([${Object.keys(usingMetrics)
          .map((id) => `FILL(${id}, 0)`)
          .join(', ')}])`,
        usingMetrics,
        period,
        label: name,
      });
    },
    /** One line for each action type that was met, found by search. */
    byAction: (name: 'StepDuration' | 'StepRetries', statistic: string) =>
      new MathExpression({
        expression: `SEARCH('{"${namespace}",service,Action} MetricName="${name}"', '${statistic}', ${period.toSeconds()})`,
        usingMetrics: {},
        period,
        label: '',
      }),
  };
}
