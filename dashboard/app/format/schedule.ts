const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/**
 * The common schedules in a few words; undefined for all others, which the API describes.
 *
 * @param cron five fields of unix cron.
 */
export function shortSchedule(cron: string): string | undefined {
  const [minute = '', hour = '', day = '', month = '', weekday = '', ...rest] = cron
    .trim()
    .split(/\s+/);
  if (rest.length > 0 || month !== '*') return undefined;
  const everyMinutes = /^\*\/(\d+)$/.exec(minute)?.[1];
  if (hour === '*' && day === '*' && weekday === '*') {
    if (minute === '*') return 'Every minute';
    if (everyMinutes !== undefined) return `Every ${everyMinutes} minutes`;
    return isNumber(minute) ? `Hourly at :${minute.padStart(2, '0')}` : undefined;
  }
  const everyHours = /^\*\/(\d+)$/.exec(hour)?.[1];
  if (everyHours !== undefined && minute === '0' && day === '*' && weekday === '*') {
    return `Every ${everyHours} hours`;
  }
  if (!isNumber(minute) || !isNumber(hour)) return undefined;
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  if (day === '*' && weekday === '*') return `Daily at ${time}`;
  if (day === '*' && weekday === '1-5') return `Weekdays at ${time}`;
  if (day === '*' && isNumber(weekday)) return `${WEEKDAYS[Number(weekday) % 7]}s at ${time}`;
  if (isNumber(day) && weekday === '*') return `Monthly on day ${day} at ${time}`;
  return undefined;
}

function isNumber(field: string): boolean {
  return /^\d{1,2}$/.test(field);
}
