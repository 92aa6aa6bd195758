import {
  ActionRejectedError,
  ActionUnavailableError,
  InsufficientCreditsError,
  RunTimeoutError,
} from '#core/errors';
import type { Failure } from '#core/runs/run';

/** Longest message that is kept with a run, in characters: it is kept for every attempt. */
const MESSAGE_CHARACTERS = 500;

/**
 * What a failed attempt tells the agent's owner. Bugs of ours are told to our own log instead: the
 * owner can change nothing about them, and their texts may name internals.
 */
export function describeFailure(error: unknown): Failure {
  if (error instanceof ActionRejectedError) return failure('action_rejected', error.message);
  if (error instanceof ActionUnavailableError) return failure('action_unavailable', error.message);
  if (error instanceof InsufficientCreditsError) {
    return failure('insufficient_credits', error.message);
  }
  if (error instanceof RunTimeoutError) return failure('run_timeout', error.message);
  return failure(
    'internal_error',
    'The step failed unexpectedly. This is a fault of ours; we log every one.',
  );
}

/** A failure with its message cut to what is kept. */
export function failure(code: string, message: string): Failure {
  return { code, message: message.slice(0, MESSAGE_CHARACTERS) };
}
