/**
 * EventBridge Scheduler's cron rules, written down apart from the product: six fields, one day field
 * is `?`, Sunday is 1. Only for UTC and for what the product emits: `*`, numbers, ranges and lists.
 */
export function awsCronMatches(expression: string): (instant: Date) => boolean {
  const inner = /^cron\(([^()]+)\)$/.exec(expression)?.[1];
  const fields = inner?.split(' ') ?? [];
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = fields;
  if (fields.length !== 6) throw new Error(`not six fields: ${expression}`);
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) throw new Error(`one ? needed: ${expression}`);
  const minutes = setOf(minute, 0, 59);
  const hours = setOf(hour, 0, 23);
  const daysOfMonth = setOf(dayOfMonth, 1, 31);
  const months = setOf(month, 1, 12);
  const daysOfWeek = setOf(dayOfWeek, 1, 7);
  const years = setOf(year, 1970, 2199);
  return (instant) =>
    minutes.has(instant.getUTCMinutes()) &&
    hours.has(instant.getUTCHours()) &&
    daysOfMonth.has(instant.getUTCDate()) &&
    months.has(instant.getUTCMonth() + 1) &&
    daysOfWeek.has(instant.getUTCDay() + 1) &&
    years.has(instant.getUTCFullYear());
}

function setOf(field: string, least: number, most: number): Set<number> {
  const all = Array.from({ length: most - least + 1 }, (_, place) => least + place);
  if (field === '*' || field === '?') return new Set(all);
  return new Set(
    field.split(',').flatMap((item) => {
      const range = /^(\d+)(?:-(\d+))?$/.exec(item);
      const first = Number(range?.[1]);
      const last = Number(range?.[2] ?? range?.[1]);
      const inside = first >= least && last <= most && first <= last;
      if (!inside) throw new Error(`not a value from ${least} to ${most}: ${item}`);
      return all.filter((value) => value >= first && value <= last);
    }),
  );
}
