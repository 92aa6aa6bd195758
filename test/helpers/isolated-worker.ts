import { serveJob } from '#adapters/isolated-jobs';
import { ActionRejectedError } from '#core/errors';

/** Jobs that behave and that do not. */
await serveJob({
  double: (input: { n: number }) => ({ n: input.n * 2 }),
  spin: (turns: Int32Array) => {
    for (;;) Atomics.add(turns, 0, 1);
  },
  hoard: () => {
    const hoard: unknown[] = [];
    for (;;) hoard.push(Array.from({ length: 1_000 }, () => ({})));
  },
  refuse: () => {
    throw new ActionRejectedError('This is no page.');
  },
  break: () => {
    throw new TypeError('a bug');
  },
  exit: () => process.exit(1),
  environment: () => Object.keys(process.env),
});
