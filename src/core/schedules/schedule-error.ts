import { AppError } from '#core/errors';

/** A schedule cannot be used as it is written. The message is for people and says what to change. */
export class ScheduleError extends AppError {
  override readonly name = 'ScheduleError';
}

/** What a check throws as a {@link ScheduleError}, or `undefined` when it throws nothing. */
export function problemOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof ScheduleError) return error.message;
    throw error;
  }
}
