import { writeFileSync } from 'node:fs';
import { serveJob } from '#adapters/isolated-jobs';
import { ActionRejectedError } from '#core/errors';

/** Jobs that behave and that do not. */
serveJob({
  double: (input: { n: number }) => ({ n: input.n * 2 }),
  /** Says in a file which process it is, and never yields. */
  spin: (file: string) => {
    writeFileSync(file, String(process.pid));
    for (;;);
  },
  hoard: () => {
    const hoard: unknown[] = [];
    for (;;) hoard.push(Array.from({ length: 1_000 }, () => ({})));
  },
  /** One list that doubles: V8 cannot stop it in time, and ends the process. */
  double_up: () => {
    let list: unknown[] = [{}];
    for (;;) list = [...list, ...list];
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
