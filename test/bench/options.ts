import { parseArgs } from 'node:util';

/** What a benchmark does. Every number is bounded, so that it always ends. */
export type BenchOptions = {
  /** Webhooks a round. */
  readonly webhooks: number;
  readonly callers: number;
  /** Rounds of each kind of run; the median one is reported. */
  readonly rounds: number;
  /** Webhooks of each kind before the first round; they are not measured. */
  readonly warmUp: number;
  /** Webhooks at the steady rate. */
  readonly steady: number;
  /** The steady rate, in webhooks a second. */
  readonly rate: number;
  /** Runs of each kind whose billable operations are counted. */
  readonly billed: number;
  /** Also measure a start for which nothing has been synthesized yet. */
  readonly cold: boolean;
  /** File for the results as JSON. */
  readonly out: string | undefined;
};

type NumberOption = 'webhooks' | 'callers' | 'rounds' | 'warm-up' | 'steady' | 'rate' | 'billed';

const NUMBERS: Record<NumberOption, { readonly usual: number; readonly most: number }> = {
  webhooks: { usual: 2_000, most: 50_000 },
  callers: { usual: 10, most: 100 },
  rounds: { usual: 3, most: 9 },
  'warm-up': { usual: 200, most: 5_000 },
  steady: { usual: 300, most: 5_000 },
  rate: { usual: 10, most: 200 },
  billed: { usual: 100, most: 2_000 },
};

/** What `--help` prints. */
export const USAGE = `npm run bench -- [options]

  --webhooks N   webhooks a round (${NUMBERS.webhooks.usual})
  --callers N    callers at the same time (${NUMBERS.callers.usual})
  --rounds N     rounds of each kind of run; the median is reported (${NUMBERS.rounds.usual})
  --warm-up N    webhooks of each kind before that (${NUMBERS['warm-up'].usual})
  --steady N     webhooks at the steady rate (${NUMBERS.steady.usual})
  --rate N       the steady rate, webhooks a second (${NUMBERS.rate.usual})
  --billed N     runs of each kind whose operations are counted (${NUMBERS.billed.usual})
  --cold         also measure a start in a fresh copy that has never been synthesized
  --out FILE     where the results go as JSON (bench-results/<time>.json)
`;

/**
 * Reads the command line.
 *
 * @returns undefined when help was asked for.
 * @throws Error that names the option and what it may be.
 */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      webhooks: text,
      callers: text,
      rounds: text,
      'warm-up': text,
      steady: text,
      rate: text,
      billed: text,
      cold: { type: 'boolean', default: false },
      out: text,
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const number = (name: NumberOption) => readNumber(name, values[name]);
  return {
    webhooks: number('webhooks'),
    callers: number('callers'),
    rounds: number('rounds'),
    warmUp: number('warm-up'),
    steady: number('steady'),
    rate: number('rate'),
    billed: number('billed'),
    cold: values.cold,
    out: values.out,
  };
}

function readNumber(name: NumberOption, text: string | undefined): number {
  const { usual, most } = NUMBERS[name];
  if (text === undefined) return usual;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
  throw new Error(`--${name} is "${text}"; it must be a whole number from 1 to ${most}.`);
}
