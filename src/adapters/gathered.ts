/** Longest that an item waits for the call before its own, in milliseconds: one that hangs holds up nobody. */
const PATIENCE_MS = 250;

/** How items are gathered. */
export type Gathering<Item, Result> = {
  /** Only items of the same key share a call. */
  readonly keyOf: (item: Item) => string;
  /** Most items of one call. */
  readonly most: number;
  /** What came of each item, in their order; an Error is thrown to whoever asked for that item. */
  readonly call: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>;
  /** The call for an item that nobody shares. @default `call`, with the one item */
  readonly alone?: (item: Item) => Promise<Result>;
};

type Asked<Item, Result> = { readonly item: Item; readonly done: PromiseWithResolvers<Result> };

/**
 * Lets items that come at the same moment, or while a call is under way, share the next one. Nobody
 * waits for company, and what a call reads is as of after it was asked for. Where a worker executes
 * one invocation at a time, each item has its own call.
 */
export function gathered<Item, Result>({
  keyOf,
  most,
  call,
  alone,
}: Gathering<Item, Result>): (item: Item) => Promise<Result> {
  /** Those that wait, by key. */
  const lanes = new Map<string, Asked<Item, Result>[]>();

  async function send(asked: readonly Asked<Item, Result>[]): Promise<void> {
    try {
      const items = asked.map(({ item }) => item);
      const isAlone = alone !== undefined && items.length === 1;
      const results = isAlone ? [await alone(items[0] as Item)] : await call(items);
      for (const [place, { done }] of asked.entries()) {
        const result = results[place] as Result | Error;
        if (result instanceof Error) done.reject(result);
        else done.resolve(result);
      }
    } catch (error) {
      for (const { done } of asked) done.reject(error);
    }
  }

  async function drain(key: string, waiting: Asked<Item, Result>[]): Promise<void> {
    // What has come at the same moment is still being looked at.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) await settledOrLate(send(waiting.splice(0, most)));
    lanes.delete(key);
  }

  return (item) => {
    const asked = { item, done: Promise.withResolvers<Result>() };
    const key = keyOf(item);
    const lane = lanes.get(key) ?? [];
    lane.push(asked);
    if (!lanes.has(key)) {
      lanes.set(key, lane);
      void drain(key, lane);
    }
    return asked.done.promise;
  };
}

/** Resolves when the work is done, or when it has taken too long. */
function settledOrLate(work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, PATIENCE_MS);
    void work.then(() => {
      clearTimeout(late);
      resolve();
    });
  });
}

/** A read that those who ask for the same while one is under way share. */
export function sharedRead<Item, Result>(
  read: (item: Item) => Promise<Result>,
  keyOf: (item: Item) => string = String,
): (item: Item) => Promise<Result> {
  return gathered<Item, Result>({
    keyOf,
    most: Number.POSITIVE_INFINITY,
    async call(asked) {
      const found = await read(asked[0] as Item);
      return asked.map(() => found);
    },
  });
}
