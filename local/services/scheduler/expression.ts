import { nextCronTime, parseCron } from '#local/services/scheduler/cron';
import type { Zone } from '#local/services/scheduler/zone';

/** When a schedule runs; all times are epoch milliseconds. */
export type Expression = {
  readonly kind: 'once' | 'recurring';
  /**
   * The first time after another.
   *
   * @param anchor where a rate counts from: its first time.
   */
  next(after: number, anchor: number): number | undefined;
};

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Parse `cron(…)`, `rate(…)` or `at(…)`.
 *
 * @returns undefined when EventBridge Scheduler would refuse it.
 */
export function parseExpression(text: string, zone: Zone): Expression | undefined {
  const call = /^(cron|rate|at)\((.*)\)$/.exec(text);
  const [, form, argument = ''] = call ?? [];
  if (form === 'cron') return recurringCron(argument, zone);
  if (form === 'rate') return rate(argument);
  return form === 'at' ? once(argument, zone) : undefined;
}

function recurringCron(fields: string, zone: Zone): Expression | undefined {
  const cron = parseCron(fields);
  return cron && { kind: 'recurring', next: (after) => nextCronTime(cron, zone, after) };
}

/** Time that passes, whatever clocks show: a day is 24 hours. */
function rate(argument: string): Expression | undefined {
  const [, count, unit] = /^([1-9]\d{0,9}) (minute|hour|day)s?$/.exec(argument.trim()) ?? [];
  if (!count || !unit) return undefined;
  const every = Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  return {
    kind: 'recurring',
    next: (after, anchor) =>
      after < anchor ? anchor : anchor + (Math.floor((after - anchor) / every) + 1) * every,
  };
}

function once(argument: string, zone: Zone): Expression | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(argument)) return undefined;
  const local = Date.parse(`${argument}Z`);
  // `Date` would read February 30th as March 2nd.
  if (Number.isNaN(local) || !new Date(local).toISOString().startsWith(argument)) return undefined;
  const instant = zone.instantOf(local);
  return {
    kind: 'once',
    next: (after) => (instant !== undefined && instant > after ? instant : undefined),
  };
}
