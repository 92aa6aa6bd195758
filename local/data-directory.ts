import { chmodSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
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
 * @throws Error when another process has it.
 */
export function claimDataDirectory(directory: string): DataDirectory {
  const path = resolve(directory);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
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
