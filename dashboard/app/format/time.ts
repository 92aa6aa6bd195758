const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
const full = new Intl.DateTimeFormat('en', {
  dateStyle: 'medium',
  timeStyle: 'medium',
  hourCycle: 'h23',
});
const clock = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' });
const SHORT = {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
} as const;

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000_000],
  ['month', 2_592_000_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** Such as "3 min. ago" or "in 2 days". */
export function relativeTime(at: string, now: number): string {
  const ms = Date.parse(at) - now;
  const unit = UNITS.find(([, size]) => Math.abs(ms) >= size);
  if (!unit) return ms > 0 ? 'in under a minute' : 'just now';
  return relative.format(Math.round(ms / unit[1]), unit[0]);
}

/** Date and time in the reader's zone. */
export function fullTime(at: string): string {
  return full.format(Date.parse(at));
}

/** Weekday, day and minute in the reader's zone, or in a given one; with the year where it is another one. */
export function shortTime(at: string, timeZone?: string, now = Date.now()): string {
  const time = new Date(at);
  const isThisYear = time.getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat('en', {
    ...SHORT,
    ...(!isThisYear && { year: 'numeric' }),
    ...(timeZone !== undefined && { timeZone, timeZoneName: 'short' }),
  }).format(time);
}

/** The time of day, to the second. */
export function clockTime(at: string): string {
  return clock.format(Date.parse(at));
}

/** Such as "240 ms", "1.2 s" or "3 min 20 s". */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return parts(seconds, 60, 'min', 's');
  if (seconds < 86_400) return parts(Math.round(seconds / 60), 60, 'h', 'min');
  return parts(Math.round(seconds / 3_600), 24, 'd', 'h');
}

function parts(amount: number, size: number, large: string, small: string): string {
  const rest = amount % size;
  return `${Math.floor(amount / size)} ${large}${rest > 0 ? ` ${rest} ${small}` : ''}`;
}
