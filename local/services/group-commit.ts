import type { DatabaseSync } from 'node:sqlite';

/** Transactions of an SQLite file, shared by all changes of one turn of the event loop. */
export type GroupCommit = {
  /** Resolves when the change is committed. @param write runs prepared statements. */
  commit(write: () => void): Promise<void>;
  /** Commits what waits, now. */
  flush(): void;
};

type Change = { write(): void; done(): void; failed(error: unknown): void };

/** @param database an open one that nothing else writes to. */
export function openGroupCommit(database: DatabaseSync): GroupCommit {
  let waiting: Change[] = [];

  function flush(): void {
    const changes = waiting;
    waiting = [];
    if (changes.length === 0) return;
    try {
      database.exec('BEGIN');
      for (const change of changes) change.write();
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      for (const change of changes) change.failed(error);
      return;
    }
    for (const change of changes) change.done();
  }

  return {
    flush,
    commit(write) {
      return new Promise((done, failed) => {
        if (waiting.length === 0) setImmediate(flush);
        waiting.push({ write, done, failed });
      });
    },
  };
}
