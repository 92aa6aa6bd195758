import { DatabaseSync } from 'node:sqlite';

/** What is kept of an object beside its body: response headers, in lower case. */
export type ObjectHeaders = Readonly<Record<string, string>>;

/** Buckets and objects in one file. Every change is with the operating system when the call returns. */
export type ObjectStore = {
  hasBucket(bucket: string): boolean;
  addBucket(bucket: string): void;
  put(bucket: string, key: string, headers: ObjectHeaders, body: Uint8Array): void;
  headers(bucket: string, key: string): ObjectHeaders | undefined;
  body(bucket: string, key: string): Uint8Array;
  remove(bucket: string, key: string): void;
  close(): void;
};

const SCHEMA = `
CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS objects (
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  headers TEXT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (bucket, key)
);`;

/** @param file path of the SQLite database; made when missing. */
export function openObjectStore(file: string): ObjectStore {
  const database = new DatabaseSync(file);
  // NORMAL leaves out the sync to disk: a killed process loses nothing by it, only a machine without power does.
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${SCHEMA}`);
  const findBucket = database.prepare('SELECT 1 FROM buckets WHERE name = ?');
  const addBucket = database.prepare('INSERT OR IGNORE INTO buckets VALUES (?)');
  const put = database.prepare('INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)');
  const headers = database.prepare('SELECT headers FROM objects WHERE bucket = ? AND key = ?');
  const body = database.prepare('SELECT body FROM objects WHERE bucket = ? AND key = ?');
  const remove = database.prepare('DELETE FROM objects WHERE bucket = ? AND key = ?');
  return {
    hasBucket: (bucket) => findBucket.get(bucket) !== undefined,
    addBucket: (bucket) => void addBucket.run(bucket),
    put: (bucket, key, kept, bytes) => void put.run(bucket, key, JSON.stringify(kept), bytes),
    headers(bucket, key) {
      const row = headers.get(bucket, key);
      return row && JSON.parse(String(row['headers']));
    },
    body: (bucket, key) => (body.get(bucket, key)?.['body'] ?? new Uint8Array()) as Uint8Array,
    remove: (bucket, key) => void remove.run(bucket, key),
    close: () => database.close(),
  };
}
