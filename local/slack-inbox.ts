import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** One message that the incoming-webhook look-alike got. */
type SlackMessage = {
  /** When it came, ISO 8601. */
  readonly at: string;
  /** The last part of the address that it was sent to. */
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
};

/** The newest messages, kept on disk: what was answered with "ok" is still there after a crash. */
export type SlackInbox = {
  keep(message: SlackMessage): void;
  newestFirst(): SlackMessage[];
  clear(): void;
};

const KEPT = 1_000;

/**
 * Opens the inbox.
 *
 * @param file one JSON document a line, oldest first; made when it does not exist.
 */
export function openSlackInbox(file: string, kept = KEPT): SlackInbox {
  let lines = readLines(file);
  rewrite();

  function rewrite(): void {
    lines = lines.slice(-kept);
    writeFileSync(`${file}.new`, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }

  return {
    keep(message) {
      const line = JSON.stringify(message);
      appendFileSync(file, `${line}\n`);
      lines.push(line);
      if (lines.length >= 2 * kept) rewrite();
    },
    newestFirst: () =>
      lines
        .slice(-kept)
        .map((line) => JSON.parse(line) as SlackMessage)
        .reverse(),
    clear() {
      lines = [];
      rewrite();
    },
  };
}

/** The whole lines of the file: a crash may have left half a line at its end. */
function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(0, -1);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
