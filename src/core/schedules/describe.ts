import type { Cron } from './schedule.ts';
import {
  clockText,
  dayName,
  listText,
  monthName,
  ordinal,
  rangesText,
  zoneTimeText,
} from './words.ts';

/** How a list of times a day may be before it is told as a pattern. */
const MOST_TIMES = 6;

/**
 * A cron in plain English, without capital and full stop: `every day at 09:00, London time`,
 * `every 15 minutes`, `at 09:00 on weekdays (Monday to Friday), London time`.
 */
export function describeCron(cron: Cron, timezone: string): string {
  const days = daysText(cron);
  const times = timesOfDay(cron);
  const zone = zoneTimeText(timezone);
  if (times !== undefined) {
    const text = days === '' ? `every day at ${times}` : `at ${times} ${days}`;
    return `${text}, ${zone}`;
  }
  const pattern = patternText(cron);
  if (days === '') return cron.hours.length === 24 ? pattern : `${pattern}, ${zone}`;
  return `${pattern} ${days.replace(/^every day in/, 'in')}, ${zone}`;
}

function timesOfDay({ minutes, hours }: Cron): string | undefined {
  if (hours.length === 24 || minutes.length * hours.length > MOST_TIMES) return undefined;
  if (hours.length > 2 && stepOf(hours) !== undefined) return undefined;
  return listText(hours.flatMap((hour) => minutes.map((minute) => clockText(hour * 60 + minute))));
}

function patternText(cron: Cron): string {
  const { minutes, hours } = cron;
  const often = frequencyText(cron);
  if (often !== undefined) return `${often}${hoursText(cron, ' in the hours ')}`;
  const past = `at ${rangesText(minutes, String)} ${minutes.join() === '1' ? 'minute' : 'minutes'} past`;
  const everyHour = hours.length === 24 || stepOf(hours) === 1;
  return `${past}${everyHour ? ' every hour' : ''}${hoursText(cron, ' ')}`;
}

/** How often it runs, where the distance is always the same. */
function frequencyText({ minutes, hours }: Cron): string | undefined {
  const step = stepOf(minutes);
  if (minutes.length === 60) return 'every minute';
  if (minutes[0] === 0 && step !== undefined && step * minutes.length === 60) {
    return `every ${step} minutes`;
  }
  const hourStep = stepOf(hours);
  if (minutes.length > 1 || hourStep === undefined) return undefined;
  if (hours.length < 24) return hourStep === 1 ? 'every hour' : `every ${hourStep} hours`;
  return minutes[0] === 0 ? 'every hour, on the hour' : undefined;
}

function hoursText({ minutes, hours }: Cron, before: string): string {
  if (hours.length === 24) return '';
  const step = stepOf(hours);
  if (step === 1 || (step !== undefined && minutes.length === 1)) {
    const first = (hours[0] ?? 0) * 60 + (minutes[0] ?? 0);
    const last = (hours.at(-1) ?? 0) * 60 + (minutes.at(-1) ?? 0);
    return ` from ${clockText(first)} to ${clockText(last)}`;
  }
  const list = listText(hours.map((hour) => clockText(hour * 60)));
  return `${before}${list}`;
}

function daysText(cron: Cron): string {
  const anyMonthDay = cron.daysOfMonth.length === 31;
  const anyWeekday = cron.daysOfWeek.length === 7;
  const allYear = cron.months.length === 12;
  const months = rangesText(cron.months, monthName);
  if (anyMonthDay && anyWeekday) return allYear ? '' : `every day in ${months}`;
  const ofMonth = `on the ${rangesText(cron.daysOfMonth, ordinal)} of ${allYear ? 'every month' : months}`;
  if (anyWeekday) return ofMonth;
  const inMonths = allYear ? '' : ` in ${months}`;
  if (anyMonthDay) return `${weekdaysText(cron.daysOfWeek)}${inMonths}`;
  return `${ofMonth}, and also ${weekdaysText(cron.daysOfWeek)}${inMonths}`;
}

function weekdaysText(daysOfWeek: readonly number[]): string {
  const fromMonday = daysOfWeek.map((day) => day || 7).sort((one, other) => one - other);
  const text = fromMonday.join('');
  if (text === '12345') return 'on weekdays (Monday to Friday)';
  if (text === '67') return 'on weekends (Saturday and Sunday)';
  if (fromMonday.length === 1) return `every ${dayName(fromMonday[0] ?? 0)}`;
  return `on ${rangesText(fromMonday, dayName)}`;
}

/** The one distance between neighbours, where there are several values and all are as far apart. */
function stepOf(values: readonly number[]): number | undefined {
  const [first, second] = values;
  if (first === undefined || second === undefined) return undefined;
  const step = second - first;
  return values.every((value, place) => value === first + place * step) ? step : undefined;
}
