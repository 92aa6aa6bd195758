/** Epoch milliseconds. */
export type Clock = { now(): number };

/** Our own log, for operators: fixed phrases, values in fields, never user data. */
export type Log = {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
};

/** One page of a list, newest first; `next` is where the following page starts. */
export type Slice<Item> = { readonly items: readonly Item[]; readonly next: string | undefined };
