import { DatabaseSync } from 'node:sqlite';
import { openGroupCommit } from '#local/services/group-commit';
import type { Schedule, ScheduleName, Target } from '#local/services/scheduler/schedule';

/** A group of schedules; times are epoch milliseconds. */
export type Group = { readonly name: string; readonly createdAt: number };

/** A call that is owed to a target. */
export type Delivery = ScheduleName & {
  readonly id: number;
  /** The nominal time, epoch milliseconds. */
  readonly scheduledAt: number;
  /** As it was at that time. */
  readonly target: Target;
};

/** The changes that can be journaled. */
type JournalWriter = {
  putGroup(group: Group): void;
  putSchedule(schedule: Schedule): void;
  /** With all that is owed for it. */
  removeSchedule(schedule: ScheduleName): void;
  addDelivery(delivery: Delivery): void;
  removeDelivery(id: number): void;
};

/** Schedules, and what is owed to their targets, on disk. */
export type Journal = {
  readonly groups: readonly Group[];
  readonly schedules: readonly Schedule[];
  readonly deliveries: readonly Delivery[];
  /** Resolves when the change is on disk. Changes of one turn of the event loop share a transaction. */
  commit(change: (writer: JournalWriter) => void): Promise<void>;
  close(): void;
};

const SCHEMA = `
CREATE TABLE IF NOT EXISTS groups (name TEXT PRIMARY KEY, created_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS schedules (
  group_name TEXT NOT NULL,
  name TEXT NOT NULL,
  definition TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  client_token TEXT NOT NULL,
  PRIMARY KEY (group_name, name)
);
CREATE TABLE IF NOT EXISTS deliveries (
  id INTEGER PRIMARY KEY,
  group_name TEXT NOT NULL,
  name TEXT NOT NULL,
  scheduled_at INTEGER NOT NULL,
  target TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS deliveries_by_schedule ON deliveries (group_name, name);`;

/** @param file path of the SQLite database; made when missing. */
export function openJournal(file: string): Journal {
  const database = new DatabaseSync(file);
  // Schedules change seldom and run for years, so each change is synced to disk.
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${SCHEMA}`);
  const writer = openWriter(database);
  const { commit, flush } = openGroupCommit(database);
  const rows = (table: string) => database.prepare(`SELECT * FROM ${table}`).all();
  return {
    groups: rows('groups').map((row) => ({
      name: String(row['name']),
      createdAt: Number(row['created_at']),
    })),
    schedules: rows('schedules').map((row) => ({
      ...nameIn(row),
      definition: JSON.parse(String(row['definition'])),
      createdAt: Number(row['created_at']),
      modifiedAt: Number(row['modified_at']),
      clientToken: String(row['client_token']),
    })),
    deliveries: rows('deliveries').map((row) => ({
      ...nameIn(row),
      id: Number(row['id']),
      scheduledAt: Number(row['scheduled_at']),
      target: JSON.parse(String(row['target'])),
    })),
    commit: (change) => commit(() => change(writer)),
    close() {
      flush();
      database.close();
    },
  };
}

function nameIn(row: Record<string, unknown>): ScheduleName {
  return { group: String(row['group_name']), name: String(row['name']) };
}

function openWriter(database: DatabaseSync): JournalWriter {
  const putGroup = database.prepare('INSERT OR REPLACE INTO groups VALUES (?, ?)');
  const putSchedule = database.prepare(
    'INSERT OR REPLACE INTO schedules VALUES (?, ?, ?, ?, ?, ?)',
  );
  const removeSchedule = database.prepare(
    'DELETE FROM schedules WHERE group_name = ? AND name = ?',
  );
  const removeOwed = database.prepare('DELETE FROM deliveries WHERE group_name = ? AND name = ?');
  const addDelivery = database.prepare('INSERT INTO deliveries VALUES (?, ?, ?, ?, ?)');
  const removeDelivery = database.prepare('DELETE FROM deliveries WHERE id = ?');
  return {
    putGroup: ({ name, createdAt }) => void putGroup.run(name, createdAt),
    putSchedule: ({ group, name, definition, createdAt, modifiedAt, clientToken }) =>
      void putSchedule.run(
        group,
        name,
        JSON.stringify(definition),
        createdAt,
        modifiedAt,
        clientToken,
      ),
    removeSchedule({ group, name }) {
      removeSchedule.run(group, name);
      removeOwed.run(group, name);
    },
    addDelivery: ({ id, group, name, scheduledAt, target }) =>
      void addDelivery.run(id, group, name, scheduledAt, JSON.stringify(target)),
    removeDelivery: (id) => void removeDelivery.run(id),
  };
}
