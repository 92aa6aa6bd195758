/** Seconds in each unit in which people count time. */
export const units = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 } as const;

export type Unit = keyof typeof units;

/** The largest unit of which there is a whole number. @param seconds anything else is counted in minutes. */
export function unitOf(seconds: unknown): Unit {
  if (typeof seconds !== 'number') return 'minutes';
  const names = (Object.keys(units) as Unit[]).toReversed();
  return names.find((name) => seconds > 0 && seconds % units[name] === 0) ?? 'seconds';
}

/** Such as "7 days" for 604,800 seconds. */
export function inUnits(seconds: number): string {
  const unit = unitOf(seconds);
  const count = seconds / units[unit];
  return `${count} ${count === 1 ? unit.slice(0, -1) : unit}`;
}
