import { existsSync } from 'node:fs';

/** What goes wrong on purpose, for tests. Plain data: it crosses into the functions' threads. */
export type Faults = {
  /** Of all chance. */
  readonly seed: number;
  /** Without it always; else as long as there is this file, faults by chance and copies happen. */
  readonly whileFile?: string;
  /** Share of the functions' calls to DynamoDB and SQS that fail. */
  readonly failing?: number;
  /** Share of those calls that are never answered. */
  readonly silent?: number;
  /** Share of transactions that are cancelled with TransactionConflict. */
  readonly conflicts?: number;
  /** How often each message is delivered: the copies come up to three seconds later. */
  readonly copies?: number;
  /** Share of calls at which the function's environment ends. */
  readonly workerCrashes?: number;
  /** Share of the running executions of state machines that somebody stops, every 40 ms. */
  readonly aborts?: number;
  /** How far the clock of each function's environment may be wrong at most, in milliseconds. */
  readonly skewMs?: number;
  /** File that says by how many milliseconds all clocks are wrong; it may change at any time. */
  readonly clockFile?: string;
  /** Where the process kills itself, as by `kill -9`. */
  readonly crash?: CrashPoint;
  /** File to which each of the first three times that a thread passes a point is appended, as `2 <point>`. */
  readonly pointsFile?: string;
};

/** A place between two effects. */
export type CrashPoint = {
  /** Such as `Dispatch/DynamoDB_20120810.UpdateItem/after`; the function's name may be longer. */
  readonly point: string;
  /** 1 for the first time in a thread. */
  readonly occurrence: number;
};

const FIELDS = [
  'seed',
  'whileFile',
  'failing',
  'silent',
  'conflicts',
  'copies',
  'workerCrashes',
  'aborts',
  'skewMs',
  'clockFile',
  'crash',
  'pointsFile',
];

/**
 * Reads the variable FAULTS, {@link Faults} as JSON.
 *
 * @throws Error that says what may be in it.
 */
export function readFaults(value: string | undefined): Faults | undefined {
  if (!value) return undefined;
  try {
    const faults: Faults = { seed: 1, ...JSON.parse(value) };
    if (Object.keys(faults).every((field) => FIELDS.includes(field))) return faults;
  } catch {}
  throw new Error(`FAULTS is "${value}"; it must be a JSON object with ${FIELDS.join(', ')}.`);
}

/** Whether what happens by chance happens now. */
export function isOn({ whileFile }: Faults): boolean {
  return whileFile === undefined || existsSync(whileFile);
}

/** Numbers from 0 to below 1 that follow from a seed and a name. */
export function chance(seed: number, name: string): () => number {
  let state = seed;
  for (const character of name) state = Math.imul(state ^ character.charCodeAt(0), 2_654_435_761);
  return () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
