import type { Clock } from '#core/ports';

/** How much a log line matters to the person who reads it. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One line of a run's log. */
export type LogLine = {
  /** ISO 8601 */
  readonly at: string;
  readonly level: LogLevel;
  /** Path of the step that said it; null for the run itself. */
  readonly step: string | null;
  readonly message: string;
};

/** Longest message that is kept, in characters. */
const MESSAGE_CHARACTERS = 2_000;

/** Lines that wait to be stored, oldest first. */
export type RunLog = {
  add(level: LogLevel, step: string | null, message: string): void;
  /** Gives the waiting lines and forgets them. */
  take(): LogLine[];
  /** Number of lines that wait. */
  readonly waiting: number;
};

/** A run's log in memory; the engine decides when lines are stored. */
export function createRunLog(clock: Clock): RunLog {
  let lines: LogLine[] = [];
  return {
    add(level, step, message) {
      const at = new Date(clock.now()).toISOString();
      lines.push({ at, level, step, message: message.slice(0, MESSAGE_CHARACTERS) });
    },
    take() {
      const taken = lines;
      lines = [];
      return taken;
    },
    get waiting() {
      return lines.length;
    },
  };
}
