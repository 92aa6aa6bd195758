import { runsOf } from './scheduler-expressions.ts';

const monthNames =
  'January February March April May June July August September October November December'.split(
    ' ',
  );
const dayNames = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/** `January` for 1. */
export function monthName(month: number): string {
  return monthNames[month - 1] ?? '';
}

/** `Sunday` for 0 and for 7. */
export function dayName(day: number): string {
  return dayNames[day % 7] ?? '';
}

/** `09:05`, of minutes since midnight or of a reading of a local clock in milliseconds. */
export function clockText(minuteOfDay: number): string {
  return `${twoDigits(Math.floor(minuteOfDay / 60))}:${twoDigits(minuteOfDay % 60)}`;
}

/** `1st`, `2nd`, `3rd`, `11th`. */
export function ordinal(number: number): string {
  const teen = number % 100 >= 11 && number % 100 <= 13;
  const ending = teen ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th');
  return `${number}${ending}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listText(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

/** Ascending values as words, three and more neighbours as `a to c`. */
export function rangesText(values: readonly number[], word: (value: number) => string): string {
  return listText(
    runsOf(values).flatMap(([first, last]) => {
      if (last - first >= 2) return [`${word(first)} to ${word(last)}`];
      return first === last ? [word(first)] : [word(first), word(last)];
    }),
  );
}

/** What people call a zone: `London` for `Europe/London`, a zone without a place whole. */
export function zoneName(timezone: string): string {
  if (/^(?:Etc\/)?(?:UTC|UCT|Zulu|Universal)$/.test(timezone)) return 'UTC';
  if (timezone.startsWith('Etc/')) return timezone;
  return (timezone.split('/').at(-1) ?? timezone).replaceAll('_', ' ');
}

/** `London time`, `UTC`. */
export function zoneTimeText(timezone: string): string {
  const isPlace = timezone.includes('/') && !timezone.startsWith('Etc/');
  return isPlace ? `${zoneName(timezone)} time` : zoneName(timezone);
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
