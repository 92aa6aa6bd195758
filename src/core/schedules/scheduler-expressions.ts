import type { Cron } from './schedule.ts';

/**
 * The same times as EventBridge Scheduler expressions, `cron(minute hour day-of-month month
 * day-of-week year)`: two where a day of the month or a day of the week will do, which Scheduler
 * cannot say in one, else one. Both fire on a day that meets both.
 *
 * The longest possible has 240 characters of the 256 that Scheduler takes.
 */
export function toSchedulerExpressions(cron: Cron): string[] {
  const minutes = fieldText(cron.minutes, 60);
  const hours = fieldText(cron.hours, 24);
  const months = fieldText(cron.months, 12);
  const daysOfMonth = fieldText(cron.daysOfMonth, 31);
  // Scheduler counts Sunday as 1.
  const daysOfWeek = fieldText(
    cron.daysOfWeek.map((day) => day + 1),
    7,
  );
  const byMonth = `cron(${minutes} ${hours} ${daysOfMonth} ${months} ? *)`;
  const byWeek = `cron(${minutes} ${hours} ? ${months} ${daysOfWeek} *)`;
  if (daysOfWeek === '*') return [byMonth];
  return daysOfMonth === '*' ? [byWeek] : [byMonth, byWeek];
}

/** Numbers and ranges only: about steps, Scheduler and unix differ. */
function fieldText(values: readonly number[], all: number): string {
  if (values.length === all) return '*';
  return runsOf(values)
    .map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`))
    .join(',');
}

/** Ascending numbers as runs of neighbours, each with its first and last. */
export function runsOf(values: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const value of values) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] === value - 1) run[1] = value;
    else runs.push([value, value]);
  }
  return runs;
}
