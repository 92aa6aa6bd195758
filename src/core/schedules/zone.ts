import { problemOf, ScheduleError } from './schedule-error.ts';

/** A moment at which a zone's clock is moved. Offsets are milliseconds to add to UTC. */
type ClockChange = { readonly at: number; readonly before: number; readonly after: number };

/** Time between two changes of a zone's clock: instants from `start` until `end`, exclusive. */
export type Stretch = {
  readonly start: number;
  readonly end: number;
  /** Milliseconds to add to UTC during the stretch. */
  readonly offset: number;
  /** The same just before `start`. */
  readonly offsetBefore: number;
};

type Zone = { readonly format: Intl.DateTimeFormat; readonly years: Map<number, ClockChange[]> };

const DAY_MS = 86_400_000;
/** No zone of the tz database changes its clock there and back within so short a time. */
const PROBE_MS = 7 * DAY_MS;
/** A zone takes tens of kilobytes; a process meets few. */
const MOST_ZONES = 64;
const MOST_YEARS = 64;

const zones = new Map<string, Zone>();

/** What is wrong with the name of a zone, or `undefined` when nothing is. */
export function timezoneProblem(timezone: string): string | undefined {
  return problemOf(() => zoneOf(timezone));
}

/**
 * The stretch that an instant (epoch milliseconds) lies in, or at least the part of it within two
 * years of the instant.
 *
 * @throws ScheduleError when there is no such zone.
 */
export function stretchAt(timezone: string, instant: number): Stretch {
  const zone = zoneOf(timezone);
  const year = new Date(instant).getUTCFullYear();
  const changes = [year - 1, year, year + 1].flatMap((one) => changesIn(zone, one));
  const last = changes.findLast((change) => change.at <= instant);
  const next = changes.find((change) => change.at > instant);
  const offset = last?.after ?? next?.before ?? offsetAt(zone, instant);
  return {
    start: last?.at ?? Date.UTC(year - 1, 0),
    end: next?.at ?? Date.UTC(year + 2, 0),
    offset,
    offsetBefore: last?.before ?? offset,
  };
}

function changesIn(zone: Zone, year: number): ClockChange[] {
  const known = zone.years.get(year);
  if (known !== undefined) return known;
  const changes = findChanges(zone, Date.UTC(year, 0), Date.UTC(year + 1, 0));
  if (zone.years.size >= MOST_YEARS) zone.years.clear();
  zone.years.set(year, changes);
  return changes;
}

/** The changes after `from`, up to and with `to`. */
function findChanges(zone: Zone, from: number, to: number): ClockChange[] {
  const changes: ClockChange[] = [];
  let before = offsetAt(zone, from);
  for (let low = from; low < to; low += PROBE_MS) {
    const high = Math.min(low + PROBE_MS, to);
    const after = offsetAt(zone, high);
    if (after !== before) changes.push({ at: changeBetween(zone, low, high), before, after });
    before = after;
  }
  return changes;
}

/** The first millisecond with another offset than `low` has, when `high` has another. */
function changeBetween(zone: Zone, low: number, high: number): number {
  const before = offsetAt(zone, low);
  let same = low;
  let changed = high;
  while (changed - same > 1) {
    const middle = Math.floor((same + changed) / 2);
    if (offsetAt(zone, middle) === before) same = middle;
    else changed = middle;
  }
  return changed;
}

function offsetAt(zone: Zone, instant: number): number {
  const text = zone.format.format(instant);
  const match = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text);
  if (match === null) return 0;
  const [, sign, hours, minutes, seconds = '0'] = match;
  const size = (Number(hours) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1_000;
  return sign === '-' ? -size : size;
}

function zoneOf(timezone: string): Zone {
  const known = zones.get(timezone);
  if (known !== undefined) return known;
  const zone = { format: formatOf(timezone), years: new Map() };
  const oldest = zones.keys().next().value;
  if (zones.size >= MOST_ZONES && oldest !== undefined) zones.delete(oldest);
  zones.set(timezone, zone);
  return zone;
}

/**
 * Intl takes names in any case, bare offsets and abbreviations that other tz databases do not know;
 * EventBridge Scheduler takes the names of the database only.
 */
function formatOf(timezone: string): Intl.DateTimeFormat {
  const format = timezone.length <= 64 ? intlFormat(timezone) : undefined;
  if (format === undefined) throw unknownZone(timezone);
  const canonical = format.resolvedOptions().timeZone;
  const sameButForCase = canonical.toLowerCase() === timezone.toLowerCase();
  if (sameButForCase && canonical !== timezone) throw unknownZone(timezone, canonical);
  if (!isZoneName(timezone)) throw unknownZone(timezone);
  return format;
}

function intlFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** What ICU adds to the tz database: abbreviations, some of which mean another zone elsewhere. */
const abbreviations = new Set(
  'ACT AET AGT ART AST BET BST CAT CNT CST CTT EAT ECT IET IST JST MIT NET NST PLT PNT PRT PST SST VST'.split(
    ' ',
  ),
);

function isZoneName(timezone: string): boolean {
  if (abbreviations.has(timezone) || timezone.startsWith('SystemV/')) return false;
  return timezone.split('/').every((part) => /^[A-Z][A-Za-z0-9_+-]*$/.test(part));
}

function unknownZone(timezone: string, instead = 'Europe/London'): ScheduleError {
  const given = JSON.stringify(timezone.slice(0, 64));
  return new ScheduleError(
    `There is no time zone ${given}; use an IANA name, written as in "${instead}".`,
  );
}
