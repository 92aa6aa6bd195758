import { DatabaseSync } from 'node:sqlite';
import { openGroupCommit } from '#local/services/group-commit';

/** A message as it is kept. `id` orders messages by arrival; the times are epoch milliseconds. */
export type StoredMessage = {
  readonly id: number;
  readonly queue: string;
  readonly message_id: string;
  readonly body: string;
  readonly group_id: string | null;
  /** JSON of the message attributes, as they were sent. */
  readonly attributes: string | null;
  readonly sent_at: number;
  readonly delayed_until: number;
  readonly receive_count: number;
  readonly first_received_at: number | null;
  /** ARN of the queue that gave the message up. */
  readonly source_arn: string | null;
};

/** A queue as it is kept; `attributes` is JSON. */
type StoredQueue = { readonly name: string; readonly attributes: string };

/** The changes that can be journaled. */
type JournalWriter = {
  putQueue(queue: StoredQueue): void;
  add(message: StoredMessage): void;
  received(id: number, count: number, firstReceivedAt: number): void;
  move(id: number, queue: string, sourceArn: string | null): void;
  remove(id: number): void;
};

/** Queues and messages on disk. */
export type Journal = {
  readonly queues: readonly StoredQueue[];
  readonly messages: readonly StoredMessage[];
  /**
   * Resolves when the change is with the operating system, so that killing this process cannot undo it.
   * Changes of one turn of the event loop share a transaction.
   */
  commit(change: (writer: JournalWriter) => void): Promise<void>;
  close(): void;
};

const SCHEMA = `
CREATE TABLE IF NOT EXISTS queues (name TEXT PRIMARY KEY, attributes TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS messages (
  id INTEGER PRIMARY KEY,
  queue TEXT NOT NULL,
  message_id TEXT NOT NULL,
  body TEXT NOT NULL,
  group_id TEXT,
  attributes TEXT,
  sent_at INTEGER NOT NULL,
  delayed_until INTEGER NOT NULL,
  receive_count INTEGER NOT NULL,
  first_received_at INTEGER,
  source_arn TEXT
);`;

/** @param file path of the SQLite database; made when missing. */
export function openJournal(file: string): Journal {
  const database = new DatabaseSync(file);
  // NORMAL leaves out the sync to disk: a killed process loses nothing by it, only a machine without power does.
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${SCHEMA}`);
  const writer = openWriter(database);
  const { commit, flush } = openGroupCommit(database);
  return {
    queues: database.prepare('SELECT * FROM queues').all() as unknown as StoredQueue[],
    messages: database
      .prepare('SELECT * FROM messages ORDER BY id')
      .all() as unknown as StoredMessage[],
    commit: (change) => commit(() => change(writer)),
    close() {
      flush();
      database.close();
    },
  };
}

function openWriter(database: DatabaseSync): JournalWriter {
  const putQueue = database.prepare('INSERT OR REPLACE INTO queues VALUES (?, ?)');
  const add = database.prepare('INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const received = database.prepare(
    'UPDATE messages SET receive_count = ?, first_received_at = ? WHERE id = ?',
  );
  const move = database.prepare(
    'UPDATE messages SET queue = ?, source_arn = ?, receive_count = 0 WHERE id = ?',
  );
  const remove = database.prepare('DELETE FROM messages WHERE id = ?');
  return {
    putQueue: ({ name, attributes }) => void putQueue.run(name, attributes),
    add: (m) =>
      void add.run(
        m.id,
        m.queue,
        m.message_id,
        m.body,
        m.group_id,
        m.attributes,
        m.sent_at,
        m.delayed_until,
        m.receive_count,
        m.first_received_at,
        m.source_arn,
      ),
    received: (id, count, firstReceivedAt) => void received.run(count, firstReceivedAt, id),
    move: (id, queue, sourceArn) => void move.run(queue, sourceArn, id),
    remove: (id) => void remove.run(id),
  };
}
