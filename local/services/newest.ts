import { DatabaseSync } from 'node:sqlite';

/** The newest things of a kind in one file. Every change is with the operating system when the call returns. */
export type Newest<Thing> = {
  keep(thing: Thing): void;
  /** At most a thousand. */
  newestFirst(): Thing[];
  clear(): void;
  close(): void;
};

const KEPT = 10_000;
/** Whoever adds one each time waits for a deletion each time. */
const PRUNED_EVERY = 100;
const SHOWN = 1_000;

/**
 * @param file path of the SQLite database; made when missing.
 * @param name of what is kept, as in `mail`.
 */
export function openNewest<Thing>(file: string, name: string): Newest<Thing> {
  const database = new DatabaseSync(file);
  // NORMAL leaves out the sync to disk: a killed process loses nothing by it, only a machine without power does.
  database.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
     CREATE TABLE IF NOT EXISTS ${name}s (number INTEGER PRIMARY KEY AUTOINCREMENT, ${name} TEXT NOT NULL);`,
  );
  const add = database.prepare(`INSERT INTO ${name}s (${name}) VALUES (?)`);
  const prune = database.prepare(`DELETE FROM ${name}s WHERE number <= ?`);
  const newest = database.prepare(`SELECT ${name} FROM ${name}s ORDER BY number DESC LIMIT ?`);
  const clear = database.prepare(`DELETE FROM ${name}s`);
  return {
    keep(thing) {
      const number = Number(add.run(JSON.stringify(thing)).lastInsertRowid);
      if (number % PRUNED_EVERY === 0) prune.run(number - KEPT);
    },
    newestFirst: () => newest.all(SHOWN).map((row) => JSON.parse(String(row[name])) as Thing),
    clear: () => void clear.run(),
    close: () => database.close(),
  };
}
