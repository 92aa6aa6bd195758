/**
 * A time zone's rules. Local times are written as the epoch milliseconds that UTC clocks would have to show them:
 * arithmetic on days and fields is then `Date`'s own.
 */
export type Zone = {
  /** What clocks show at an instant (epoch milliseconds). */
  localOf(instant: number): number;
  /** The first instant at which clocks show a local time; undefined when they never do. */
  instantOf(local: number): number | undefined;
};

/** Whichever way a zone's clocks are changed, it happened and will not happen again within this. */
const AROUND_MS = 24 * 3_600_000;

const known = new Map<string, Zone | undefined>([
  ['UTC', { localOf: (instant) => instant, instantOf: (local) => local }],
]);

/** @param name of the IANA database. @returns undefined when there is no such zone. */
export function findZone(name: string): Zone | undefined {
  if (!known.has(name)) known.set(name, open(name));
  return known.get(name);
}

function open(timeZone: string): Zone | undefined {
  // `Intl` knows offsets such as +05:30 too; EventBridge does not.
  if (!/^[A-Za-z]/.test(timeZone)) return undefined;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
  const localOf = (instant: number): number => {
    const fields = format.format(instant).split(/\D+/).map(Number);
    const [month = 1, day = 1, year = 1970, hour = 0, minute = 0, second = 0] = fields;
    return Date.UTC(
      year,
      month - 1,
      day,
      hour,
      minute,
      second,
      new Date(instant).getMilliseconds(),
    );
  };
  return {
    localOf,
    instantOf(local) {
      const candidates = [local - AROUND_MS, local + AROUND_MS]
        .map((instant) => local - (localOf(instant) - instant))
        .filter((instant) => localOf(instant) === local);
      return candidates.length > 0 ? Math.min(...candidates) : undefined;
    },
  };
}
