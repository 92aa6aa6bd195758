import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A state directory that belongs to this process until it ends, however it ends. */
export type DataDirectory = {
  /** Absolute. */
  readonly path: string;
  release(): void;
};

/** Held here, since a database that is garbage-collected gives up its lock. */
const claims = new Set<DatabaseSync>();

/**
 * Make the directory (only its owner may enter) and take it for this process.
 *
 * The claim is a lock that the operating system drops when the process dies, kill -9 included: an open exclusive
 * transaction on an SQLite file of its own.
 *
 * @throws Error when another process has it, or it cannot be made; the message says what to change.
 */
export function claimDataDirectory(directory: string): DataDirectory {
  const path = resolve(directory);
  makeDirectory(path);
  const lock = new DatabaseSync(join(path, 'lock.sqlite'));
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new Error(`${path} is in use by another process: stop it, or set DATA_DIR`, { cause });
  }
  claims.add(lock);
  return {
    path,
    release() {
      claims.delete(lock);
      lock.close();
    },
  };
}

/** One level after the other: Node's own recursive way never ends in file systems such as /proc. */
function makeDirectory(path: string): void {
  try {
    const missing: string[] = [];
    for (let at = path; !existsSync(at); at = dirname(at)) missing.unshift(at);
    for (const each of missing) mkdirSync(each, { mode: 0o700 });
    if (!statSync(path).isDirectory()) throw new Error('there is a file of this name');
    chmodSync(path, 0o700);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`DATA_DIR cannot be ${path}: ${reason}. Name a folder that can be written.`, {
      cause,
    });
  }
}
