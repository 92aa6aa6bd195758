/** One instant with its distance from UTC; `local` holds the zone's wall clock in its UTC fields. */
type Moment = { readonly local: Date; readonly offsetSeconds: number };

const months =
  'January February March April May June July August September October November December'.split(
    ' ',
  );
const weekdays = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

const tokens: ReadonlyMap<string, (at: Moment) => string> = new Map([
  ['YYYY', ({ local }: Moment) => padded(local.getUTCFullYear(), 4)],
  ['YY', ({ local }: Moment) => padded(local.getUTCFullYear() % 100, 2)],
  ['MMMM', ({ local }: Moment) => months[local.getUTCMonth()] ?? ''],
  ['MMM', ({ local }: Moment) => (months[local.getUTCMonth()] ?? '').slice(0, 3)],
  ['MM', ({ local }: Moment) => padded(local.getUTCMonth() + 1, 2)],
  ['M', ({ local }: Moment) => String(local.getUTCMonth() + 1)],
  ['DD', ({ local }: Moment) => padded(local.getUTCDate(), 2)],
  ['D', ({ local }: Moment) => String(local.getUTCDate())],
  ['dddd', ({ local }: Moment) => weekdays[local.getUTCDay()] ?? ''],
  ['ddd', ({ local }: Moment) => (weekdays[local.getUTCDay()] ?? '').slice(0, 3)],
  ['HH', ({ local }: Moment) => padded(local.getUTCHours(), 2)],
  ['H', ({ local }: Moment) => String(local.getUTCHours())],
  ['hh', ({ local }: Moment) => padded(local.getUTCHours() % 12 || 12, 2)],
  ['h', ({ local }: Moment) => String(local.getUTCHours() % 12 || 12)],
  ['A', ({ local }: Moment) => (local.getUTCHours() < 12 ? 'AM' : 'PM')],
  ['mm', ({ local }: Moment) => padded(local.getUTCMinutes(), 2)],
  ['m', ({ local }: Moment) => String(local.getUTCMinutes())],
  ['ss', ({ local }: Moment) => padded(local.getUTCSeconds(), 2)],
  ['s', ({ local }: Moment) => String(local.getUTCSeconds())],
  ['SSS', ({ local }: Moment) => padded(local.getUTCMilliseconds(), 3)],
  ['Z', ({ offsetSeconds }: Moment) => offsetText(offsetSeconds)],
  ['T', () => 'T'],
]);

/** A format or zone that cannot be used, with words on what to write instead. */
export type DateArgsProblem = { readonly problem: string };

/** Writes an instant, given in epoch milliseconds. */
export type DateWriter = (epochMs: number) => string;

const longestFormat = 200;

/**
 * Prepares a format and an IANA time zone. The same letter in a row is one token, other characters
 * stay, `[…]` holds words; a letter that is no token is refused, so that slips show when saved.
 */
export function dateWriter(format: string, zone: string): DateWriter | DateArgsProblem {
  const pieces = piecesOf(format);
  if ('problem' in pieces) return pieces;
  const clock = clockOf(zone);
  if (clock === undefined) {
    return {
      problem: `there is no time zone ${JSON.stringify(zone.slice(0, 60))}: use a name such as "Europe/London"`,
    };
  }
  return (epochMs) => {
    const offsetSeconds = offsetAt(clock, epochMs);
    const moment = { local: new Date(epochMs + offsetSeconds * 1000), offsetSeconds };
    return pieces.map((piece) => (typeof piece === 'string' ? piece : piece(moment))).join('');
  };
}

function piecesOf(format: string): (string | ((at: Moment) => string))[] | DateArgsProblem {
  if (format.length > longestFormat) {
    return { problem: `a date format has at most ${longestFormat} characters` };
  }
  const pieces: (string | ((at: Moment) => string))[] = [];
  for (const [run] of format.matchAll(/\[[^\]]*\]|([A-Za-z])\1*|[^A-Za-z]/g)) {
    const token = tokens.get(run);
    if (token !== undefined) pieces.push(token);
    else if (run.length > 1 && run.startsWith('[')) pieces.push(run.slice(1, -1));
    else if (/[A-Za-z]/.test(run)) {
      return {
        problem: `"${run}" is no part of a date; use ${[...tokens.keys()].join(' ')}, and put words in [brackets]`,
      };
    } else pieces.push(run);
  }
  return pieces;
}

/** Making a clock takes 100 µs and more, and agents use the same few zones again and again. */
const clocks = new Map<string, Intl.DateTimeFormat>();
const mostClocks = 50;

/** `undefined` when there is no such zone. */
function clockOf(zone: string): Intl.DateTimeFormat | undefined {
  const timeZone = zone.toLowerCase();
  const known = clocks.get(timeZone);
  if (known !== undefined || !/^[a-z][\w/+-]{1,60}$/.test(timeZone)) return known;
  const clock = makeClock(timeZone);
  if (clock === undefined) return undefined;
  if (clocks.size === mostClocks) clocks.clear();
  clocks.set(timeZone, clock);
  return clock;
}

function makeClock(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Seconds to add to UTC for the zone's wall clock; old local mean times have odd seconds. */
function offsetAt(clock: Intl.DateTimeFormat, epochMs: number): number {
  const name = clock.formatToParts(epochMs).find((part) => part.type === 'timeZoneName')?.value;
  const match = /^GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(name ?? '');
  if (match === null) return 0;
  const [, sign, hours, minutes, seconds = '0'] = match;
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === '-' ? -size : size;
}

function offsetText(offsetSeconds: number): string {
  const minutes = Math.floor(Math.abs(offsetSeconds) / 60);
  const sign = offsetSeconds < 0 ? '-' : '+';
  return `${sign}${padded(Math.floor(minutes / 60), 2)}:${padded(minutes % 60, 2)}`;
}

function padded(number: number, length: number): string {
  return String(number).padStart(length, '0');
}

const isoShape =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:\d\d)?)?$/i;
const firstInstant = Date.parse('0001-01-01T00:00:00Z');
const lastInstant = Date.parse('9999-12-31T23:59:59.999Z');
/** As milliseconds this is 3 March 1973, as seconds the year 5138: nobody means either. */
const leastMilliseconds = 100_000_000_000;

/**
 * Epoch milliseconds of a JSON value: ISO 8601 text, in UTC unless it has an offset, or a number
 * of seconds or milliseconds since 1970. `undefined` for all else, and beyond the years 1 to 9999.
 */
export function instantOf(value: unknown): number | undefined {
  const epochMs = typeof value === 'number' ? fromNumber(value) : fromText(value);
  return epochMs >= firstInstant && epochMs <= lastInstant ? epochMs : undefined;
}

function fromNumber(value: number): number {
  return Math.trunc(Math.abs(value) < leastMilliseconds ? value * 1000 : value);
}

function fromText(value: unknown): number {
  if (typeof value !== 'string' || value.length > 60) return Number.NaN;
  const match = isoShape.exec(value.trim());
  if (match === null) return Number.NaN;
  const [, year, month, day, time = '00:00', offset = 'Z'] = match;
  // Date.parse takes 30 February for 1 March.
  const midnight = Date.parse(`${year}-${month}-${day}T00:00Z`);
  if (Number.isNaN(midnight) || new Date(midnight).getUTCDate() !== Number(day)) return Number.NaN;
  return Date.parse(`${year}-${month}-${day}T${time}${offset.toUpperCase()}`);
}
