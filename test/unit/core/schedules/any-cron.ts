import fc from 'fast-check';

/** A cron expression that was made together with its meaning, apart from the product's parser. */
export type MadeCron = {
  readonly expression: string;
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  /** Whether a time is named; it is read from the UTC fields. */
  matches(time: Date): boolean;
};

type MadeField = { readonly text: string; readonly star: boolean; readonly values: Set<number> };

const months = ['JAN', 'feb', 'Mar', 'APR', 'may', 'jun', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const days = ['SUN', 'mon', 'Tue', 'WED', 'thu', 'FRI', 'sat'];

/** Days of each month, in a leap year. */
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Every form of field, without expressions that no day can meet. */
export const anyCron: fc.Arbitrary<MadeCron> = fc
  .tuple(
    anyField(0, 59, { steps: true }),
    anyField(0, 23, { steps: true }),
    anyField(1, 31, { steps: false }),
    anyField(1, 12, { steps: true, name: (value) => months[value - 1] }),
    anyField(0, 7, { steps: false, name: (value) => days[value] }),
  )
  .filter(([, , dayOfMonth, month, dayOfWeek]) => {
    const longest = Math.max(...[...month.values].map((value) => LONGEST[value - 1] ?? 0));
    return !dayOfWeek.star || Math.min(...dayOfMonth.values) <= longest;
  })
  .map(([minute, hour, dayOfMonth, month, dayOfWeek]) => ({
    expression: [minute, hour, dayOfMonth, month, dayOfWeek].map((field) => field.text).join(' '),
    minutes: minute.values,
    hours: hour.values,
    matches: (time: Date) => {
      const inMonth = dayOfMonth.values.has(time.getUTCDate());
      const inWeek = [...dayOfWeek.values].some((day) => day % 7 === time.getUTCDay());
      const either = !dayOfMonth.star && !dayOfWeek.star;
      return (
        minute.values.has(time.getUTCMinutes()) &&
        hour.values.has(time.getUTCHours()) &&
        month.values.has(time.getUTCMonth() + 1) &&
        (either ? inMonth || inWeek : inMonth && inWeek)
      );
    },
  }));

type Forms = { readonly steps: boolean; readonly name?: (value: number) => string | undefined };

function anyField(first: number, last: number, { steps, name }: Forms): fc.Arbitrary<MadeField> {
  const value = fc.integer({ min: first, max: last });
  const text = (number: number) => name?.(number) ?? String(number);
  const one = value.map((number) => ({ text: text(number), values: new Set([number]) }));
  const range = fc
    .tuple(value, value, fc.integer({ min: 1, max: 20 }))
    .map(([left, right, step]) => {
      const [low, high] = left < right ? [left, right] : [right, left];
      const every = Math.min(step, high - low + 1);
      const values = new Set<number>();
      for (let number = low; number <= high; number += every) values.add(number);
      return { text: `${low}-${text(high)}${every > 1 ? `/${every}` : ''}`, values };
    });
  const everyNth = fc.integer({ min: 2, max: last - first }).map((step) => {
    const values = new Set<number>();
    for (let number = first; number <= last; number += step) values.add(number);
    return { text: `*/${step}`, values };
  });
  const item = steps ? fc.oneof(one, range, everyNth) : fc.oneof(one, range);
  const list = fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => ({
    text: items.map((made) => made.text).join(','),
    star: false,
    values: new Set(items.flatMap((made) => [...made.values])),
  }));
  const all = Array.from({ length: last - first + 1 }, (_, place) => first + place);
  const star = fc
    .constantFrom(...(steps ? ['*'] : ['*', '?']))
    .map((made) => ({ text: made, star: true, values: new Set(all) }));
  return fc.oneof({ weight: 2, arbitrary: star }, { weight: 3, arbitrary: list });
}
