import { closeSync, fstatSync, openSync, renameSync, statSync, writeSync } from 'node:fs';

/** Size at which a log file is renamed to `<file>.1`, replacing the one before it. */
const LOG_LIMIT_BYTES = 8 * 1024 * 1024;

/** A log file that cannot outgrow twice its limit. */
export type FunctionLog = {
  /** Adds text; it is written soon, together with what else was added in this turn of the event loop. */
  write(text: string): void;
  /** Writes at once what is still held. */
  flush(): void;
};

/**
 * Opens a function's log for appending. Several threads may hold the same file: each notices by itself
 * that another one renamed it.
 */
export function openFunctionLog(file: string, limitBytes = LOG_LIMIT_BYTES): FunctionLog {
  let descriptor = openSync(file, 'a', 0o600);
  let held = '';

  function rotate(): void {
    const isCurrent = statSync(file, { throwIfNoEntry: false })?.ino === fstatSync(descriptor).ino;
    if (isCurrent) renameSync(file, `${file}.1`);
    closeSync(descriptor);
    descriptor = openSync(file, 'a', 0o600);
  }

  function flush(): void {
    if (held === '') return;
    const text = held;
    held = '';
    try {
      if (fstatSync(descriptor).size > limitBytes) rotate();
      writeSync(descriptor, text);
    } catch {
      // A full disk must not turn a working function into a failing one.
    }
  }

  return {
    write(text) {
      if (held === '') setImmediate(flush);
      held += text;
    },
    flush,
  };
}
