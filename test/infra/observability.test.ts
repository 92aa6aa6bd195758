import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { METRICS } from '#core/metrics';
import { standingBill } from '#test/bench/bill';
import { functionsOf, resourcesOf, synthesized, theOnly } from './synthesized.ts';

const { template } = await synthesized();

const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm');
const dashboard = dashboardBody();
const emitted = Object.keys(METRICS).toSorted();

type Stat = { readonly Namespace?: string; readonly MetricName?: string };

/** The dashboard's JSON, with what CloudFormation fills in left out. */
function dashboardBody(): string {
  const { DashboardBody } = theOnly(template, 'AWS::CloudWatch::Dashboard').Properties;
  const [, parts] = DashboardBody['Fn::Join'];
  return parts.map((part: unknown) => (typeof part === 'string' ? part : 'filled-in')).join('');
}

function ownNamesOfAlarm(properties: { Metrics?: { MetricStat?: { Metric: Stat } }[] } & Stat) {
  const stats = (properties.Metrics ?? []).map((one) => one.MetricStat?.Metric ?? {});
  return [...stats, properties]
    .filter(({ Namespace }) => Namespace === 'CrucibaiAgents')
    .map(({ MetricName }) => MetricName ?? '');
}

function ownNamesOfDashboard(): string[] {
  const named = [...dashboard.matchAll(/"CrucibaiAgents","(\w+)"/g)].map(([, name]) => name);
  const searched = [...dashboard.matchAll(/MetricName=\\+"(\w+)\\+"/g)].map(([, name]) => name);
  return [...named, ...searched].map(String);
}

describe('what an operator sees', () => {
  it('has a place on the dashboard for every metric that the code emits, and for no other', () => {
    JSON.parse(dashboard);
    expect([...new Set(ownNamesOfDashboard())].toSorted()).toEqual(emitted);
  });

  it('has alarms on metrics that are emitted', () => {
    const named = alarms.flatMap(([, { Properties }]) => ownNamesOfAlarm(Properties));
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !emitted.includes(name))).toEqual([]);
  });

  it('lists no metric that the code never emits', () => {
    const code = globSync('{src,functions}/**/*.ts')
      .filter((file) => !file.endsWith('core/metrics.ts'))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    expect(emitted.filter((name) => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([]);
  });

  it('tells people of every alarm, says what is wrong, and is quiet when nothing happens', () => {
    expect(alarms.length).toBeGreaterThanOrEqual(8);
    const topic = resourcesOf(template, 'AWS::SNS::Topic')[0]?.[0];
    for (const [id, { Properties }] of alarms) {
      expect(Properties.AlarmActions, id).toEqual([{ Ref: topic }]);
      expect(Properties.AlarmDescription, id).toMatch(/^[A-Z].{20,}\.$/);
      expect(Properties.TreatMissingData, id).toBe('notBreaching');
    }
  });

  it('is told what to do about each alarm', () => {
    const guide = readFileSync('docs/operations.md', 'utf8');
    const told = [...guide.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name);
    const names = alarms.map(([id]) => /^Observability(\w+)[0-9A-F]{8}$/.exec(id)?.[1]);
    expect(told.toSorted()).toEqual(names.toSorted());
  });

  it('costs little when nothing happens', () => {
    const bill = standingBill(template.Resources);
    const dollars = bill.reduce((sum, [, perMonth]) => sum + perMonth, 0);
    expect(bill.map(([item]) => item)).toHaveLength(3);
    // As docs/deploy.md itemises it; with the rest an idle stack stays below eight dollars a month.
    expect(dollars).toBeCloseTo(6.1);
  });

  it('watches every function and keeps queries over all their logs', () => {
    // A deployment fails with the functions that it triggers: nobody need watch them afterwards. Signing in calls
    // nothing that could fail.
    const UNWATCHED = ['publish', 'seed', 'token-claims'];
    const functions = [...functionsOf(template).keys()].filter(
      (name) => !UNWATCHED.includes(name),
    ).length;
    for (const [id, query] of resourcesOf(template, 'AWS::Logs::QueryDefinition')) {
      expect(query.Properties.LogGroupNames, id).toHaveLength(functions);
    }
    const errors = alarms.find(([id]) => id.includes('FunctionErrors'))?.[1].Properties.Metrics;
    const watched = errors.filter((one: { MetricStat?: { Metric: Stat } }) => {
      return one.MetricStat?.Metric.MetricName === 'Errors';
    });
    expect(watched).toHaveLength(functions);
  });
});
