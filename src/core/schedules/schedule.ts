/**
 * A cron expression as the sets of values that it names, each in ascending order.
 *
 * A day is met when both day sets hold it, as long as one of them is whole; when neither is whole,
 * one of the two is enough, as unix cron has it.
 */
export type Cron = {
  /** 0 to 59 */
  readonly minutes: readonly number[];
  /** 0 to 23 */
  readonly hours: readonly number[];
  /** 1 to 31; all of them when this field restricts nothing. */
  readonly daysOfMonth: readonly number[];
  /** 1 to 12 */
  readonly months: readonly number[];
  /** 0 (Sunday) to 6; all of them when this field restricts nothing. */
  readonly daysOfWeek: readonly number[];
};

/** A cron expression and the IANA zone whose clock it reads. */
export type Schedule = { readonly cron: Cron; readonly timezone: string };
